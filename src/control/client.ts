// One client of the control socket: its request, and what it is told.

import { closeQuietly } from '../posix/file/descriptor.ts';
import { readNow } from '../posix/file/pipe.ts';
import { whenReadable } from '../posix/libc/libc.ts';
import type { Scaling } from '../superdaemon/host.ts';
import { outbox } from './outbox.ts';
import { type Answer, type Hello, lineOf, parseRequest, parseScaling, type Request } from './protocol.ts';

export interface ControlOptions {
  hello(request: number, kind: Request['request'] | undefined): Hello;
  /** A client wants a deploy. */
  deploy(request: number): void;
  /** A client wants more workers, or fewer. */
  scale(request: number, scaling: Scaling): void;
  /** A client wants the deploy under way to be given up. */
  cancel(request: number): void;
  /** A client wants this program to be replaced. */
  upgrade(): void;
}

export interface InheritedClient {
  readonly fd: number;
  readonly number: number;
  /** `leaving`: it is to have what is still unsent, and no more. */
  readonly stage: 'asking' | 'listening' | 'leaving';
  /** Of its request, when that is not complete. */
  readonly received: string;
  readonly unsent: string;
}

const LONGEST_REQUEST = 1024;
/** For a request: whoever may ask asks at once. */
const PATIENCE_MS = 5000;

export interface Client {
  /** It has asked for more than the status. */
  readonly listens: boolean;
  tell(answer: Answer): void;
  forSuccessor(): InheritedClient;
  close(): void;
  onClose: () => void;
}

export function serve(from: InheritedClient, options: ControlOptions, patienceMs = PATIENCE_MS): Client {
  const { fd, number } = from;
  let { received, stage } = from;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    clearTimeout(patience);
    mail[Symbol.dispose]();
    reading[Symbol.dispose]();
    closeQuietly(fd);
    client.onClose();
  };
  const onEmpty = () => {
    if (stage === 'leaving') close();
  };
  const tell = (answer: Answer) => mail.say(lineOf(answer));
  const take = (line: string) => {
    clearTimeout(patience);
    const request = parseRequest(line);
    const asksOnly = request === undefined || request === 'status';
    stage = asksOnly ? 'leaving' : 'listening';
    tell(options.hello(number, request));
    // It may have hung up long ago, while we were slow: then nobody wants it any more.
    if (!open) return;
    if (request === 'deploy' || request === 'cancel') options[request](number);
    if (request === 'upgrade') options.upgrade();
    const scaling = request === 'scale' ? parseScaling(line) : undefined;
    if (scaling !== undefined) options.scale(number, scaling);
  };
  const reading = whenReadable(fd, () => {
    if (!open) return;
    const block = readNow(fd);
    received += block.toString('utf8');
    const end = received.indexOf('\n');
    // After its request a client has nothing more to say: it hangs up.
    if (block.length === 0 || stage !== 'asking' || (end === -1 && received.length > LONGEST_REQUEST))
      close();
    else if (end !== -1) take(received.slice(0, end));
  });
  const patience = stage === 'asking' ? setTimeout(close, patienceMs) : undefined;
  const mail = outbox({ fd, unsent: from.unsent, onEmpty, onFailure: close });
  const client: Client = {
    get listens() {
      return open && stage === 'listening';
    },
    tell,
    forSuccessor: () => ({ fd, number, stage, received, unsent: mail.unsent }),
    close,
    onClose: () => {},
  };
  return client;
}
