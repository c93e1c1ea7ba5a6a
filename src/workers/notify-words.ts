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

/** Reads a stream: readiness is an empty line, or READY=1, with no other lines than these before it. */
export function readWords(text: string): Words {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  const end = lines.findIndex((line) => !isKnown(line));
  if (end === -1) {
    // Some send it without a newline, and nothing else.
    if (rest === READY) return { ...heardIn(lines), verdict: 'ready', rest: '' };
    return { ...heardIn(lines), verdict: rest.length > LONGEST_LINE ? 'foul' : 'waiting', rest };
  }
  const heard = heardIn(lines.slice(0, end));
  if (lines[end] !== '' && lines[end] !== READY) return { ...heard, verdict: 'foul', rest: '' };
  return { ...heard, verdict: 'ready', rest: [...lines.slice(end + 1), rest].join('\n') };
}

function isKnown(line: string): boolean {
  return FLAGS.includes(line) || statusOf(line) !== undefined || mainOf(line) !== undefined;
}

export interface Message extends Heard {
  readonly ready: boolean;
}

/** Reads a datagram, whose other variables are none of our business. It names one process; the preload speaks on the pipe. */
export function readMessage(text: string): Message {
  const lines = text.split('\n');
  const heard = heardIn(lines);
  return { ...heard, mains: heard.mains.slice(-1), preloaded: false, ready: lines.includes(READY) };
}

function heardIn(lines: readonly string[]): Heard {
  return {
    statuses: lines.map(statusOf).filter((status) => status !== undefined),
    mains: lines.map(mainOf).filter((main) => main !== undefined),
    alive: lines.includes(ALIVE),
    replace: lines.includes(REPLACE),
    preloaded: lines.includes(PRELOADED),
  };
}

const READY = 'READY=1';
const ALIVE = 'WATCHDOG=1';
const REPLACE = 'REPLACE=1';
const PRELOADED = 'X_PRELOADED=1';
const FLAGS: readonly string[] = [ALIVE, REPLACE, PRELOADED];

function statusOf(line: string): string | undefined {
  if (!line.startsWith('STATUS=') || line.length > LONGEST_LINE) return undefined;
  // It is shown on terminals and in logs, so it must not control them.
  return line.slice('STATUS='.length).replace(/\p{Cc}/gu, ' ');
}

function mainOf(line: string): number | undefined {
  const text = /^MAINPID=([1-9]\d{0,8})$/.exec(line)?.[1];
  return text === undefined ? undefined : Number(text);
}
