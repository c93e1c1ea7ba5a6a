// What workers say of themselves: lines `READY=1`, `STATUS=…`, `MAINPID=…` and `WATCHDOG=1`, as sd_notify(3) has them.

/** Longer lines are no talk of ours. */
const LONGEST_LINE = 1024;

export interface Words {
  readonly statuses: readonly string[];
  /** The process that serves. */
  readonly main: number | undefined;
  readonly alive: boolean;
  /** `foul`: it is not the language spoken here, and nothing behind it counts. */
  readonly verdict: 'ready' | 'waiting' | 'foul';
  /** Behind `ready` all that has not been looked at; else a line whose end has not come yet. */
  readonly rest: string;
}

/** Reads a stream: readiness is an empty line, or READY=1, with no other lines than these before it. */
export function readWords(text: string): Words {
  const heard: Spoken = { statuses: [], alive: false, main: undefined };
  let from = 0;
  // Line by line, for what a flood of lines brings is read from each one's end on.
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    const line = text.slice(from, end);
    from = end + 1;
    if (line === '' || line === READY) return { ...heard, verdict: 'ready', rest: text.slice(from) };
    if (!hear(line, heard)) return { ...heard, verdict: 'foul', rest: '' };
  }
  const rest = text.slice(from);
  // Some send it without a newline, and nothing else.
  if (rest === READY) return { ...heard, verdict: 'ready', rest: '' };
  return { ...heard, verdict: rest.length > LONGEST_LINE ? 'foul' : 'waiting', rest };
}

interface Spoken {
  readonly statuses: string[];
  alive: boolean;
  main: number | undefined;
}

/** Returns whether it is of the language that is spoken here. */
function hear(line: string, heard: Spoken): boolean {
  const [status, pid] = [statusOf(line), mainOf(line)];
  if (status !== undefined) heard.statuses.push(status);
  else if (pid !== undefined) heard.main = pid;
  else if (line === ALIVE) heard.alive = true;
  else return false;
  return true;
}

/** Reads a datagram, whose other variables are none of our business. */
export function readMessage(text: string): Message {
  const lines = text.split('\n');
  return {
    ready: lines.includes(READY),
    alive: lines.includes(ALIVE),
    statuses: lines.map(statusOf).filter((status) => status !== undefined),
    main: lines.map(mainOf).findLast((main) => main !== undefined),
  };
}

export interface Message {
  readonly ready: boolean;
  readonly alive: boolean;
  readonly statuses: readonly string[];
  readonly main: number | undefined;
}

const READY = 'READY=1';
const ALIVE = 'WATCHDOG=1';

function statusOf(line: string): string | undefined {
  if (!line.startsWith('STATUS=') || line.length > LONGEST_LINE) return undefined;
  // It is shown on terminals and in logs, so it must not control them.
  return line.slice('STATUS='.length).replace(/\p{Cc}/gu, ' ');
}

function mainOf(line: string): number | undefined {
  const text = /^MAINPID=([1-9]\d{0,8})$/.exec(line)?.[1];
  return text === undefined ? undefined : Number(text);
}
