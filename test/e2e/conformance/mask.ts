// Texts as both programs would write them: pids by name, and wording that nobody greps for left out.

export type Names = ReadonlyMap<string, string>;

/** S for the superdaemon's pid, L for its launcher's, W1, W2 … for the workers' as the log says they were started. */
export function pidNames(
  log: string,
  { superdaemon, launcher }: { superdaemon: number; launcher: number },
): Names {
  const names = new Map([
    [String(launcher), 'L'],
    [String(superdaemon), 'S'],
  ]);
  let workers = 0;
  for (const [, pid = ''] of log.matchAll(/^starting new worker (\d+)$/gm)) names.set(pid, `W${++workers}`);
  return names;
}

/** Pids where the log lines, a status file or a pid file have them. */
export function maskPids(text: string, names: Names): string {
  const mask = (pid: string) => names.get(pid) ?? 'an unknown process';
  // The reference lists workers in the order of their pids' texts.
  const maskList = (list: string) => list.split(',').map(mask).sort().join(',');
  return text
    .replace(/(?<=worker )\d+|(?<=pid:)\d+|(?<=^\d+:)\d+$|^\d+(?=\n$)/gm, mask)
    .replace(/(?<=workers:)[\d,]+/g, maskList)
    .replace(/^(worker \w+ died, status:\d+\n)+/gm, sortLines);
}

/** Workers that are told to go at the same time go in any order. */
function sortLines(lines: string): string {
  return lines
    .split(/(?<=\n)/)
    .sort()
    .join('');
}

const keptLines: readonly RegExp[] = [
  /^start_server \(pid:\w+\) starting now\.\.\.$/,
  /^socket is duplicated to file descriptor \d+$/,
  /^removing existing socket file:/,
  /^starting new worker \w+$/,
  /^new worker \w+ seems to have failed to start, exit status:\d+$/,
  /^worker \w+ died unexpectedly with status:\d+, restarting$/,
  /^(old )?worker \w+ died, status:\d+$/,
  /^received \w+, spawning a new worker$/,
  /^received \w+, sending \w+ to all workers:[\w,]+$/,
  /^new worker is now running, sending \w+ to old workers:[\w,]+$/,
  /^sleeping [\d.]+ secs before killing old workers$/,
  /^killing old workers$/,
  /^autorestart triggered \((forced, )?interval=\w+\)$/,
  /^received USR1, reopened the log file$/,
  /^exiting$/,
  /^stop_server \(pid:/,
  /^a worker says: /,
];

/** Perl's warnings about the programs that it runs, of the reference as of the inspecting worker. */
const perlsRemark =
  /^Use of uninitialized value|^Argument ".*" isn't numeric|^Name "Config::Config" used only once/;

/** The lines that scripts grep for, as they are; one `(words)` for whatever else there is between them. */
export function keepLines(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => line !== '' && !perlsRemark.test(line))
    .map((line) => (keptLines.some((kept) => kept.test(line.trimEnd())) ? line : '(words)\n'))
    .filter((line, index, lines) => line !== '(words)\n' || lines[index - 1] !== line)
    .join('');
}
