import net from 'node:net';
import { type Answerer, answererIn } from './history.ts';
import { whenEventIsLost } from './lost-event.ts';

/** Where the server listens: a TCP port of the loopback address, or a Unix socket. */
export type Target = { port: number; host?: string } | { path: string };

/** How one request ended. A refusal, a reset and a timeout are losses of the socket's owner, a failure is the server's. */
export type Attempt =
  | ({ outcome: 'ok' } & Answerer)
  | { outcome: 'refused' | 'reset' | 'failed' | 'timedOut' | 'other'; reason: string };

const requestText = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const contentLengthPattern = /\r\ncontent-length: (\d+)\r\n/i;
const chunkedPattern = /\r\ntransfer-encoding: chunked\r\n/i;
const lastChunk = /(?:^|\r\n)0\r\n\r\n$/;

/** One request over a connection of its own. Never rejects. */
export function attemptRequest(target: Target, timeoutMs: number): Promise<Attempt> {
  return new Promise((resolve) => {
    const socket = net.connect('port' in target ? { host: '127.0.0.1', ...target } : target);
    const state = { answer: '', problem: undefined as Attempt | undefined, isLost: false };
    const watched = whenEventIsLost(socket, () => {
      state.isLost = true;
      socket.destroy();
    });
    socket.setEncoding('latin1');
    socket.setTimeout(timeoutMs, () => {
      state.problem = {
        outcome: 'timedOut',
        reason: `nothing for ${timeoutMs} ms after ${state.answer.length} bytes`,
      };
      socket.destroy();
    });
    socket.on('data', (text: string) => {
      state.answer += text;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      state.problem = fromError(error);
    });
    socket.on('close', () => {
      watched();
      if (state.isLost) resolve(attemptRequest(target, timeoutMs));
      else resolve(state.problem ?? fromAnswer(state.answer));
    });
    socket.write(requestText);
  });
}

function fromError({ code = '', message }: NodeJS.ErrnoException): Attempt {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return { outcome: 'refused', reason: code };
    case 'ECONNRESET':
    case 'EPIPE':
      return { outcome: 'reset', reason: code };
    default:
      return { outcome: 'other', reason: code || message };
  }
}

function fromAnswer(answer: string): Attempt {
  const endOfHead = answer.indexOf('\r\n\r\n');
  if (endOfHead === -1) {
    return { outcome: 'reset', reason: `connection closed after ${answer.length} bytes` };
  }
  const [head, body] = [answer.slice(0, endOfHead + 2), answer.slice(endOfHead + 4)];
  const expected = chunkedPattern.test(head) ? 'chunks' : Number(contentLengthPattern.exec(head)?.[1]);
  const cut = cutShort(body, expected);
  if (cut !== undefined) return { outcome: 'reset', reason: `connection closed ${cut}` };
  const answerer = answererIn(answer);
  const isWhole = expected === 'chunks' || body.length === expected;
  if (!answer.startsWith('HTTP/1.1 200 ') || !isWhole || answerer === undefined) {
    return { outcome: 'failed', reason: JSON.stringify(answer.slice(0, 200)) };
  }
  return { outcome: 'ok', ...answerer };
}

function cutShort(body: string, expected: number | 'chunks'): string | undefined {
  if (expected === 'chunks') return lastChunk.test(body) ? undefined : 'before the last chunk of the body';
  return body.length < expected ? `after ${body.length} of ${expected} bytes of the body` : undefined;
}
