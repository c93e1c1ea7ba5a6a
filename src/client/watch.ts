// --status --watch: the table again and again, until somebody has seen enough, or no superdaemon runs any more.

import type { StatusOptions } from '../command-line/invocation.ts';
import type { Environment } from '../posix/process/caller.ts';
import { printable } from '../printable.ts';
import { StartupError } from '../startup-error.ts';
import { type Answer, statusAsker } from './ask-status.ts';
import { cpuShares, type ShareOf } from './cpu-shares.ts';
import { localTime } from './local-time.ts';
import { openScreen, type Screen } from './screen.ts';
import { statusSections } from './status-table.ts';
import { type Line, rendered } from './styled.ts';

/** Returns the exit status. Throws StartupError once no superdaemon runs; while one does not answer, that is shown. */
export async function watch(
  options: StatusOptions,
  everyMs: number,
  environment: Environment,
): Promise<number> {
  // What speaks against it at once is told in plain words.
  using asker = statusAsker(options);
  let answer = await asker.ask();
  const sharesIn = cpuShares();
  let shareOf = sharesIn(answer.report);
  using screen = openScreen(environment);
  const show = () => screen.show(frame(answer, shareOf, { everyMs, screen }));
  const turn = async () => {
    do show();
    while (await screen.pause(everyMs));
    try {
      answer = await asker.ask();
      shareOf = sharesIn(answer.report);
    } catch (error) {
      answer = { ...answer, warning: patiently(error) };
    }
  };
  for (;;) {
    const status = await Promise.race([screen.quit, turn()]);
    if (status !== undefined) return status;
  }
}

function patiently(error: unknown): string {
  if (error instanceof StartupError && error.exitStatus !== NOT_RUNNING) return error.message;
  throw error;
}

const NOT_RUNNING = 3;

interface Framing {
  readonly everyMs: number;
  readonly screen: Screen;
}

/** The workers that find no room on the screen are counted instead. */
function frame({ report, warning }: Answer, shareOf: ShareOf, { everyMs, screen }: Framing): string[] {
  const { look, rows } = screen;
  const { about, workers, sockets } = statusSections(report, shareOf);
  const hint = rows === Number.POSITIVE_INFINITY ? '' : `, every ${everyMs / 1000} s; q ends it`;
  const first: Line[] = [
    [{ text: `${localTime(new Date())}${hint}`, style: 'grey' }],
    ...(warning === undefined ? [] : [[{ text: printable(warning), style: 'red' as const }]]),
    ...about,
  ];
  const room = Math.max(2, rows - first.length - sockets.length);
  const more = workers.length - room + 1;
  const cut: readonly Line[] =
    workers.length <= room ? workers : [...workers.slice(0, room - 1), [{ text: `… ${more} more` }]];
  return [...first, ...cut, ...sockets].slice(0, rows).map((line) => rendered(line, look));
}
