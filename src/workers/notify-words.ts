// What workers say of themselves: lines `READY=1`, `STATUS=…`, `MAINPID=…` and `WATCHDOG=1`, as sd_notify(3) has them,
// `REPLACE=1`, and our preload `X_PRELOADED=1`.

/** Longer lines are no talk of ours. */
const LONGEST_LINE = 1024;

/** What has been said at once, of readiness not. */
export interface Heard {
  readonly statuses: readonly string[];
  /** The processes that serve. */
  readonly mains: readonly number[];
  readonly alive: boolean;
  readonly replace: boolean;
  /** Our preload is in one of its processes. */
  readonly preloaded: boolean;
}

export interface Words extends Heard {
  /** `foul`: it is not the language spoken here, and nothing behind it counts. */
  readonly verdict: 'ready' | 'waiting' | 'foul';
  /** Behind `ready` all that has not been looked at; else a line whose end has not come yet. */
  readonly rest: string;
}

interface Said extends Heard {
  readonly statuses: string[];
  readonly mains: number[];
  alive: boolean;
  replace: boolean;
  preloaded: boolean;
}

/**
 * Reads a stream, whose bytes stand as latin1, for a block of it may end within a character: readiness is an empty line, or
 * READY=1, with no other lines than these before it.
 */
export function readWords(text: string): Words {
  const said: Said = { statuses: [], mains: [], alive: false, replace: false, preloaded: false };
  let from = 0;
  // Line by line, for what a flood of lines brings is read from each one's end on.
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    const line = text.slice(from, end);
    from = end + 1;
    if (line === '' || line === READY) return { ...said, verdict: 'ready', rest: text.slice(from) };
    if (!note(line, said)) return { ...said, verdict: 'foul', rest: '' };
  }
  const rest = text.slice(from);
  // Some send it without a newline, and nothing else.
  if (rest === READY) return { ...said, verdict: 'ready', rest: '' };
  return { ...said, verdict: rest.length > LONGEST_LINE ? 'foul' : 'waiting', rest };
}

/** false: it is none of these lines. */
function note(line: string, said: Said): boolean {
  const [status, pid] = [statusOf(line), mainOf(line)];
  if (status !== undefined) said.statuses.push(shown(Buffer.from(status, 'latin1').toString('utf8')));
  else if (pid !== undefined) said.mains.push(pid);
  else if (line === ALIVE) said.alive = true;
  else if (line === REPLACE) said.replace = true;
  else if (line === PRELOADED) said.preloaded = true;
  else return false;
  return true;
}

export interface Message extends Heard {
  readonly ready: boolean;
}

/** Reads a datagram, whose other variables are none of our business. It names one process; the preload speaks on the pipe. */
export function readMessage(text: string): Message {
  const lines = text.split('\n');
  const mains = lines.map(mainOf).filter((main) => main !== undefined);
  return {
    ready: lines.includes(READY),
    alive: lines.includes(ALIVE),
    replace: lines.includes(REPLACE),
    statuses: lines
      .map(statusOf)
      .filter((status) => status !== undefined)
      .map(shown),
    mains: mains.slice(-1),
    preloaded: false,
  };
}

const READY = 'READY=1';
const ALIVE = 'WATCHDOG=1';
const REPLACE = 'REPLACE=1';
const PRELOADED = 'X_PRELOADED=1';

function statusOf(line: string): string | undefined {
  if (!line.startsWith('STATUS=') || line.length > LONGEST_LINE) return undefined;
  return line.slice('STATUS='.length);
}

/** It is shown on terminals and in logs, so it must not control them. */
function shown(status: string): string {
  return status.replace(/\p{Cc}/gu, ' ');
}

function mainOf(line: string): number | undefined {
  const text = /^MAINPID=([1-9]\d{0,8})$/.exec(line)?.[1];
  return text === undefined ? undefined : Number(text);
}
