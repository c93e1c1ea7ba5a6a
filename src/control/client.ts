// One client of the control socket: its request, and what it is told.

import { writeSync } from 'node:fs';
import { closeQuietly } from '../posix/descriptor.ts';
import { whenReadable } from '../posix/libc.ts';
import { readNow } from '../posix/pipe.ts';
import type { Scaling } from '../superdaemon/host.ts';
import { type Answer, type Hello, parseRequest, parseScalingRequest } from './protocol.ts';

export interface ControlOptions {
  hello(request: number): Hello;
  /** A client wants a deploy. */
  deploy(request: number): void;
  /** A client wants more workers, or fewer. */
  scale(request: number, scaling: Scaling): void;
  /** A client wants this program to be replaced. */
  upgrade(): void;
}

export interface InheritedClient {
  readonly fd: number;
  readonly number: number;
  /** Of its request, when that is not complete. */
  readonly heard: string;
  readonly listens: boolean;
}

const LONGEST_REQUEST = 1024;

export interface Client {
  /** It has asked for more than the status. */
  readonly listens: boolean;
  tell(answer: Answer): void;
  handOver(): InheritedClient;
  close(): void;
  onClose: () => void;
}

export function serve(from: InheritedClient, { hello, deploy, scale, upgrade }: ControlOptions): Client {
  const { fd, number } = from;
  let { heard, listens } = from;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    reading[Symbol.dispose]();
    closeQuietly(fd);
    client.onClose();
  };
  const tell = (answer: Answer) => {
    const line = Buffer.from(`${JSON.stringify(answer)}\n`);
    // One that does not read must not hold us up, and half a line is no answer.
    if (!wholeWritten(fd, line)) close();
  };
  const take = (line: string) => {
    const request = parseRequest(line);
    tell(hello(number));
    if (request === undefined || request === 'status') return close();
    listens = true;
    if (request === 'deploy') deploy(number);
    const scaling = request === 'scale' ? parseScalingRequest(line) : undefined;
    if (scaling !== undefined) scale(number, scaling);
    if (request === 'upgrade') upgrade();
  };
  const reading = whenReadable(fd, () => {
    if (!open) return;
    const block = readNow(fd);
    heard += block.toString('utf8');
    const end = heard.indexOf('\n');
    // After its request a client has nothing more to say: it hangs up.
    if (block.length === 0 || listens || (end === -1 && heard.length > LONGEST_REQUEST)) close();
    else if (end !== -1) take(heard.slice(0, end));
  });
  const client: Client = {
    get listens() {
      return open && listens;
    },
    tell,
    handOver: () => ({ fd, number, heard, listens }),
    close,
    onClose: () => {},
  };
  return client;
}

function wholeWritten(fd: number, line: Buffer): boolean {
  try {
    return writeSync(fd, line) === line.length;
  } catch {
    return false;
  }
}
