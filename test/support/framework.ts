// The programs of examples/frameworks, as their readers have them: nothing in them knows of us.

import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { describePeer } from './peer.ts';
import { type Superdaemon, startSuperdaemon } from './superdaemon.ts';
import type { TempDir } from './temp-dir.ts';

export interface Framework {
  /** Its folder in examples/frameworks. */
  readonly name: string;
  /** What `npm start` runs there. */
  readonly command: string;
  /** What `npm run build` has made there. */
  readonly built?: string;
  /** A client that talks over a connection which it keeps. */
  readonly client?: string;
  readonly isSkipped?: string | false;
}

const stripsTypes = 'typescript' in process.features && Boolean(process.features.typescript);

export const frameworks: readonly Framework[] = [
  { name: 'express', command: 'node server.js' },
  { name: 'fastify', command: 'node server.js' },
  { name: 'fastify-close', command: 'node server.js' },
  { name: 'koa', command: 'node server.js' },
  { name: 'hono', command: 'node server.js' },
  { name: 'nestjs', command: 'node dist/main.js', built: 'dist/main.js' },
  { name: 'next', command: 'next start', built: '.next/BUILD_ID' },
  {
    name: 'next-standalone',
    command: 'node .next/standalone/next-standalone/server.js',
    built: '.next/standalone/next-standalone/server.js',
  },
  { name: 'nitro', command: 'node .output/server/index.mjs', built: '.output/server/index.mjs' },
  { name: 'sveltekit', command: 'node build/index.js', built: 'build/index.js' },
  { name: 'ws', command: 'node server.js', client: 'ws' },
  { name: 'socket.io', command: 'node server.js', client: 'http' },
  { name: 'cluster', command: 'node server.js' },
  { name: 'tsx', command: 'tsx server.ts' },
  { name: 'tsx-import', command: 'node --import tsx server.ts' },
  {
    name: 'strip-types',
    command: 'node server.ts',
    isSkipped: !stripsTypes && `Node ${process.version} does not strip types`,
  },
];

export function folderOf(name: string): string {
  return fileURLToPath(new URL(`../../examples/frameworks/${name}`, import.meta.url));
}

/** Tests of a framework. Where it is not installed or built they are skipped, and said to be; REQUIRE_PEERS=1 forbids that. */
export function describeFramework({ name, built, isSkipped }: Framework, tests: () => void): void {
  if (isSkipped) {
    process.stderr.write(`SKIPPED: ${name} (${isSkipped})\n`);
    describe.skip(`${name} (${isSkipped})`, tests);
    return;
  }
  const installed = folderOf('node_modules');
  describePeer(name, [installed, ...(built === undefined ? [] : [`${folderOf(name)}/${built}`])], tests);
}

export interface Way {
  readonly through: 'node' | 'npm start';
  readonly workers: number;
}

/** Starts it as a reader does, in its own folder; npm asks nobody for anything. */
export function startFramework(
  { name, command }: Framework,
  { dir, port, way }: { dir: TempDir; port: number; way: Way },
): Superdaemon {
  const words = way.through === 'npm start' ? ['npm', 'start'] : command.split(' ');
  const files = [`--pid-file=${dir.join('pid')}`, `--status-file=${dir.join('status')}`];
  const options = [`--port=127.0.0.1:${port}`, '--as=node', `--workers=${way.workers}`, '--interval=0'];
  return startSuperdaemon([...options, ...files, '--', ...words], {
    cwd: folderOf(name),
    recorded: true,
    env: {
      PATH: [folderOf('node_modules/.bin'), process.env.PATH].join(delimiter),
      HOME: dir.path,
      npm_config_cache: dir.join('npm'),
      npm_config_update_notifier: 'false',
      NEXT_TELEMETRY_DISABLED: '1',
    },
  });
}
