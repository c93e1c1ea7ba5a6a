// What --as=node's preload costs a Node process: one that serves nobody, until its program runs, and one that serves, until it
// listens on the socket that it inherits. The program is a file, as a worker's is: `node -e` would charge us for the loader of
// files, which every program has to wake. By the process's own clock, which begins as the process does, and by its CPU time,
// which whoever else is at work on the machine changes less. The reference preloads an empty file.
import { type StdioOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
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
/** Where the socket and the pipe for readiness are in the process. */
const [SOCKET, PIPE] = [3, 4];

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
    const inherited = side === 'ours' ? listener : undefined;
    for (const { program, clock, cpu } of kinds) {
      const [clockMs, cpuMs] = await started([...options, program], inherited);
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
    SERVER_STARTER_SIGNALS: 'SIGTERM',
    SERVER_STARTER_ASKS: 'preloaded',
    NOTIFY_FD: String(PIPE),
  };
  return { fd, variables, [Symbol.dispose]: () => void server.close() };
}

type Milliseconds = readonly [clock: number, cpu: number];

/** What it says itself. */
async function started(words: readonly string[], inherited: Listener | undefined): Promise<Milliseconds> {
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: __, ...environment } = process.env;
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
  if (inherited !== undefined) stdio.push(inherited.fd, 'pipe');
  const node = spawn(process.execPath, words, { env: { ...environment, ...inherited?.variables }, stdio });
  const said = node.stdout === null ? '' : await text(node.stdout);
  if (said === '') throw new BenchError(`node ${words.join(' ')} did not start`);
  return JSON.parse(said) as Milliseconds; // Of our own program.
}
