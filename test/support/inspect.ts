import { readFileSync, readlinkSync } from 'node:fs';
import { eventually } from './eventually.ts';
import { type SuperdaemonOptions, startSuperdaemon } from './superdaemon.ts';
import { tempDir } from './temp-dir.ts';
import { inspector } from './workers.ts';

export interface SocketState {
  readonly family: 'inet' | 'inet6' | 'unix';
  readonly type: 'stream' | 'datagram';
  /** `127.0.0.1:80`, `[::1]:80`, or a path. */
  readonly address: string;
  readonly listening: boolean;
  readonly ipv6Only: boolean;
  /** Of TCP sockets only. */
  readonly backlog: number | null;
}

export interface Descriptor {
  readonly fd: number;
  /** What /proc/self/fd says: a path, `socket:[…]`, `pipe:[…]`. */
  readonly link: string;
  readonly nonBlocking: boolean;
  readonly socket: SocketState | null;
}

/** A worker's own state at its first instruction; every byte of a text is a character of the same number. */
export interface Report {
  readonly descriptors: readonly Descriptor[];
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pid: number;
  readonly ppid: number;
  readonly processGroup: number;
  readonly session: number;
  readonly blocked: readonly string[];
  readonly ignored: readonly string[];
  readonly umask: number;
  readonly openFiles: number;
}

export interface InspectOptions extends SuperdaemonOptions {
  /** Of the first worker. */
  readonly generation?: number;
}

export interface Inspected {
  /** The superdaemon's pid. */
  readonly pid: number;
  readonly report: Report;
}

/** Starts an inspecting worker with these options and returns what the first one found; all is over then. */
export const inspect = (options: readonly string[], how: InspectOptions = {}): Promise<Inspected> =>
  inspectCommandLine([...options, '--', ...inspector], how);

/** The same with the whole command line, the worker's words (`...inspector`) wherever you want them. */
export async function inspectCommandLine(
  words: readonly string[],
  { generation = 1, ...how }: InspectOptions = {},
): Promise<Inspected> {
  using dir = tempDir();
  await using superdaemon = startSuperdaemon(words, { ...how, env: { ...how.env, REPORT_DIR: dir.path } });
  let over = false;
  superdaemon.exit.then(() => {
    over = true;
  });
  const read = () => readReport(dir.join(`${generation}.json`), superdaemon.log());
  return { pid: superdaemon.pid, report: await eventually(read, { giveUp: () => over }) };
}

/** The sockets, by descriptor number, of the report's SERVER_STARTER_PORT, with the name each is listed under. */
export function inheritedSockets(report: Report): { name: string; fd: number; descriptor: Descriptor }[] {
  const list = report.environment.SERVER_STARTER_PORT;
  if (list === undefined) throw new Error('no SERVER_STARTER_PORT');
  return list.split(';').map((entry) => {
    const at = entry.lastIndexOf('=');
    const fd = Number(entry.slice(at + 1));
    const descriptor = report.descriptors.find((candidate) => candidate.fd === fd);
    if (descriptor === undefined) throw new Error(`no descriptor ${fd}, which ${list} lists`);
    return { name: entry.slice(0, at), fd, descriptor };
  });
}

function readReport(path: string, log: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as Report; // As inspect.pl writes it.
    return { ...report, descriptors: report.descriptors.filter((descriptor) => !isRunners(descriptor)) };
  } catch (cause) {
    throw new Error(`no report of a worker; the log:\n${log}`, { cause });
  }
}

/** Of a descriptor that the test runner itself was started with: it passes through us all, at its number. */
function isRunners({ fd, link }: Descriptor): boolean {
  try {
    return fd > 2 && readlinkSync(`/proc/self/fd/${fd}`) === link;
  } catch {
    return false;
  }
}
