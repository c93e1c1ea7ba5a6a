// What became of each request: who answered it, and between which moments.

/** Whom an answer names. */
export interface Answerer {
  readonly generation: number;
  /** The process that answered, if it says so: the worker, or one that it has started. */
  readonly pid?: number;
}

/** Times are those of the clock by which the superdaemon dates its events: milliseconds since the epoch. */
export interface Request {
  readonly beganMs: number;
  readonly endedMs: number;
  /** undefined: it was lost. */
  readonly answerer: Answerer | undefined;
  /** Set for a connection that is kept: the same for all requests on it. */
  readonly connection?: number;
}

export interface History {
  /** To be called as a request begins; what it returns, as it ends. */
  readonly begin: () => (answerer: Answerer | undefined, connection?: object) => void;
  readonly requests: () => readonly Request[];
}

const numbers = new WeakMap<object, number>();
let connections = 0;

export function startHistory(): History {
  const requests: Request[] = [];
  return {
    begin: () => {
      const beganMs = Date.now();
      return (answerer, connection) => {
        const kept = connection === undefined ? {} : { connection: numberOf(connection) };
        requests.push({ beganMs, endedMs: Date.now(), answerer, ...kept });
      };
    },
    requests: () => requests,
  };
}

function numberOf(connection: object): number {
  const number = numbers.get(connection) ?? ++connections;
  numbers.set(connection, number);
  return number;
}

/** `pid 4711, generation 3` or `X-Generation: 3`: a worker names itself in the body or in a header. */
export function answererIn(answer: string): Answerer | undefined {
  const generation = /generation:? (\d+)/i.exec(answer)?.[1];
  if (generation === undefined) return undefined;
  const pid = /\bpid:? (\d+)/i.exec(answer)?.[1];
  return { generation: Number(generation), ...(pid !== undefined && { pid: Number(pid) }) };
}
