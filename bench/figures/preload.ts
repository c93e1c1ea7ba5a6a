// What --as=node's preload costs a Node process: one that serves nobody, until its program runs, and one that serves, until it
// listens on the socket that it inherits. The program is a file, as a worker's is: `node -e` would charge us for the loader of
// files, which every program has to wake. By the process's own clock, which begins as the process does, and by its CPU time,
// which whoever else is at work on the machine changes less. The reference preloads an empty file.
import { type StdioOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BenchError } from '../bench-error.ts';
import { PRELOAD } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row, type Side } from '../rig.ts';

const SAY = `const { user, system } = process.cpuUsage();
  process.stdout.write(JSON.stringify([performance.now(), (user + system) / 1000]));`;
const SERVER = `http.createServer().listen(process.env.PLACE ?? 0, '127.0.0.1', () => {
  ${SAY}
  process.exit();
})`;
/** Where the socket, the pipe for readiness and what it says are in the process. */
const [SOCKET, PIPE, SAID] = [3, 4, 5];
/** What Node itself makes for its children is no pipe. */
const WITH_PIPE = `{ exec "$@" ${PIPE}>&1 >&${SAID} ${SAID}>&-; } | cat >/dev/null`;

export async function preload({ directory, rounds }: Rig): Promise<readonly Row[]> {
  const empty = join(directory, 'empty.cjs');
  writeFileSync(empty, '');
  using listener = await startListening();
  const preloads = { ours: PRELOAD, reference: empty, floor: undefined } as const;
  const kinds = [
    { what: 'of a process that serves nobody', file: 'nobody.cjs', code: SAY },
    {
      what: 'of one that serves, until it listens',
      file: 'server.cjs',
      code: `const http = require('node:http'); ${SERVER}`,
    },
    {
      what: 'of an ES module that serves, until it listens',
      file: 'server.mjs',
      code: `import http from 'node:http'; ${SERVER}`,
    },
  ].map(({ what, file, code }) => {
    const program = join(directory, file);
    writeFileSync(program, code);
    return { what, program, clock: newSamples(), cpu: newSamples() };
  });
  for (const side of interleaved(rounds, Object.keys(preloads) as Side[])) {
    const options = preloads[side] === undefined ? [] : ['--require', preloads[side]];
    const variables = side === 'ours' ? listener.variables : {};
    for (const { program, clock, cpu } of kinds) {
      const [clockMs, cpuMs] = await started([...options, program], listener.fd, variables);
      clock[side].push(clockMs);
      cpu[side].push(cpuMs);
    }
  }
  const row = { unit: 'ms', reference: 'an empty preload', floor: 'no preload' } as const;
  const goal = { kind: 'above floor', atMost: 3 } as const;
  return kinds.flatMap(({ what, clock, cpu }) => [
    { what: `CPU time of the start ${what}, --as=node`, samples: cpu, goal, ...row },
    { what: `the start ${what}, --as=node`, samples: clock, ...row },
  ]);
}

interface Listener extends Disposable {
  readonly fd: number;
  readonly variables: NodeJS.ProcessEnv;
}

async function startListening(): Promise<Listener> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as { readonly port: number }).port); // Of TCP.
  const { fd } = (server as Server & { readonly _handle: { readonly fd: number } })._handle; // For the descriptor alone.
  const variables = {
    PLACE: port,
    SERVER_STARTER_PORT: `127.0.0.1:${port}=${SOCKET}`,
    SERVER_STARTER_SPARES: `${SOCKET}:${SAID + 1}`,
    SERVER_STARTER_SIGNALS: 'SIGTERM',
    SERVER_STARTER_ASKS: 'preloaded',
    NOTIFY_FD: String(PIPE),
  };
  return { fd, variables, [Symbol.dispose]: () => void server.close() };
}

type Milliseconds = readonly [clock: number, cpu: number];

/** What it says itself. */
async function started(
  words: readonly string[],
  socket: number,
  variables: NodeJS.ProcessEnv,
): Promise<Milliseconds> {
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: __, ...environment } = process.env;
  const stdio: StdioOptions = ['ignore', 'ignore', 'inherit', socket, 'ignore', 'pipe'];
  const args = ['-c', WITH_PIPE, 'sh', process.execPath, ...words];
  const node = spawn('sh', args, { env: { ...environment, ...variables }, stdio });
  const said = await text(node.stdio[SAID] as Readable);
  if (said === '') throw new BenchError(`node ${words.join(' ')} did not start`);
  return JSON.parse(said) as Milliseconds; // Of our own program.
}
