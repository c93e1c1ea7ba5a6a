// The same application behind pm2, in cluster mode, and behind ours: what a reload costs its clients, what it serves, and
// what all the processes take.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startKeepAliveLoad } from '../../test/support/keep-alive-load.ts';
import { startLoad } from '../../test/support/load.ts';
import { type Side, startBeside, startOurs, WORKERS } from '../node-app.ts';
import { hasPm2 } from '../pm2.ts';
import { memory } from '../proc.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';

const RELOADS = 3;
const CLIENTS = 10;
const ROUND_MS = 700;
const SETTLE_MS = 1_000;

const asItIs = `
const server = require('node:http').createServer((request, answer) => answer.end('generation 0'));
server.listen(process.env.PORT);
`;
/** As the manuals of pm2 have it. */
const closing = `${asItIs}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));
`;

export async function besidePm2(rig: Rig, note: (line: string) => void): Promise<readonly Row[]> {
  const isBeside = hasPm2(note);
  const programs = [
    ['closing its server on the signal', closing],
    ['as it is', asItIs],
  ] as const;
  const rows: Row[] = [];
  for (const [how, code] of programs) {
    const script = join(rig.directory, `app-${rows.length}.cjs`);
    writeFileSync(script, code);
    await using ours = await startOurs(rig, script);
    await using pm2 = isBeside ? await startBeside(script) : undefined;
    const sides = pm2 === undefined ? [ours] : [ours, pm2];
    if (rows.length === 0) rows.push(...(await atWork(rig, sides)));
    rows.push(...(await reloads(sides, how)));
  }
  return rows;
}

async function atWork({ driver, rounds }: Rig, sides: readonly Side[]): Promise<readonly Row[]> {
  await driver.wait(SETTLE_MS);
  const rest = newSamples();
  for (const { side, pids } of sides) rest[side].push(sum(pids().map((pid) => memory(pid).pss)));
  const [fresh, kept] = [newSamples(), newSamples()];
  const perSecond = async ({ side, port }: Side, isKept: boolean) => {
    const clients = { count: CLIENTS, kept: isKept };
    return ((await driver.load(side, String(port), ROUND_MS, clients)) * 1000) / ROUND_MS;
  };
  for (const each of interleaved(rounds, sides)) {
    fresh[each.side].push(await perSecond(each, false));
    kept[each.side].push(await perSecond(each, true));
  }
  const row = { reference: 'pm2', goal: { kind: 'share of reference', atLeast: 0.95 } } as const;
  return [
    { what: `new connections, ${WORKERS} workers`, unit: '/s', samples: fresh, ...row },
    { what: `kept-alive requests, ${WORKERS} workers`, unit: '/s', samples: kept, ...row },
    {
      what: `PSS of all processes, ${WORKERS} workers`,
      unit: 'KB',
      samples: rest,
      reference: 'pm2',
      goal: { kind: 'ratio to reference', atMost: 1 },
    },
  ];
}

/** What 10 clients on kept-alive connections, and as many that come anew for each request, lose in each reload. */
async function reloads(sides: readonly Side[], how: string): Promise<readonly Row[]> {
  const [fresh, kept] = [newSamples(), newSamples()];
  for (const { side, port, reload } of interleaved(RELOADS, sides)) {
    await using newcomers = startLoad({ target: { port }, clients: CLIENTS, pauseMs: 1 });
    await using regulars = startKeepAliveLoad({ port }, CLIENTS, 1);
    await delay(SETTLE_MS);
    await reload();
    await delay(SETTLE_MS);
    const { counts } = await newcomers.stop();
    fresh[side].push(counts.requests - counts.ok);
    kept[side].push((await regulars.stop()).losses.length);
  }
  const row = { unit: '', reference: 'pm2', goal: { kind: 'value', atMost: 0 } } as const;
  return [
    { what: `new connections lost in a reload, ${how}`, samples: fresh, ...row },
    { what: `kept-alive requests lost in a reload, ${how}`, samples: kept, ...row },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
