// The picture of a deploy under load: the run of `npm run demo`, drawn.
import { type Deploy, demonstrate } from '../../examples/demo/demonstrate.ts';
import { timeline } from './timeline.ts';

const hues = ['old', 'new', 'next', 'other'] as const;

export async function underLoad(): Promise<string> {
  let beganMs = 0;
  const deploys: Deploy[] = [];
  const { counts, durationMs, generations, latencyMs } = await demonstrate(new AbortController(), {
    started: () => {
      beganMs = performance.now();
    },
    deployed: (deploy) => deploys.push(deploy),
  });
  const failed = counts.requests - counts.ok;
  const requests = `${counts.requests.toLocaleString('en-US')} requests, ${failed} failed`;
  return timeline({
    title: `Three deploys under load: four generations of a server answer one after the other, on the same socket. ${requests}.`,
    until: durationMs,
    lanes: [
      {
        name: 'socket',
        bars: [{ from: 0, to: durationMs, colour: 'socket', text: 'open the whole time' }],
      },
      ...[...generations].map(([generation, { firstMs, lastMs, requests: answers }], index) => ({
        name: `generation ${generation}`,
        bars: [
          {
            from: firstMs,
            to: lastMs,
            colour: hues[index % hues.length] ?? 'new',
            text: `${answers} answers`,
          },
        ],
      })),
    ],
    moments: deploys.map(({ hupMs }) => ({ at: hupMs - beganMs, text: 'HUP' })),
    note: `${requests}. 8 clients, a new connection each time; 99 % within ${Math.round(latencyMs.p99)} ms.`,
  });
}
