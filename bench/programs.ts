// The two programs under comparison, and the command lines they are given.
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';

export type Program = { readonly side: 'ours' | 'reference'; readonly path: string };

export type Setup = {
  readonly sockets: number;
  readonly options?: readonly string[];
  readonly worker: readonly string[];
};

const REFERENCE = '/usr/bin/start_server';
const OURS = fileURLToPath(new URL('../bin/start-server', import.meta.url));
/** Of --as=node. */
export const PRELOAD = fileURLToPath(new URL('../dist/library/inherit.cjs', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../dist/package/start-server', import.meta.url));

/** The single file, if `npm run package` has made it. */
export function findPackage(): string | undefined {
  return isExecutable(PACKAGE) ? PACKAGE : undefined;
}

/** START_SERVER names another program to measure in the place of ours. */
export function findPrograms(note: (line: string) => void): readonly Program[] {
  const ours: Program = { side: 'ours', path: process.env.START_SERVER ?? OURS };
  if (!isExecutable(ours.path)) throw new BenchError(`no program to measure at ${ours.path}: build it first`);
  if (isExecutable(REFERENCE)) return [ours, { side: 'reference', path: REFERENCE }];
  note(
    `the reference, ${REFERENCE}, is not installed (Debian: libserver-starter-perl): measuring ours alone`,
  );
  return [ours];
}

/**
 * An interval of 0 makes a deploy act at once, so that a figure holds work and no waiting. Port 0 is any free port.
 * The pid file and the status file are relative to the directory that the driver runs in.
 */
export function commandLine(program: Program, setup: Setup): readonly string[] {
  const files = [`--pid-file=${program.side}.pid`, `--status-file=${program.side}.status`];
  const ports = Array.from({ length: setup.sockets }, () => '--port=127.0.0.1:0');
  return [program.path, '--interval=0', ...files, ...ports, ...(setup.options ?? []), '--', ...setup.worker];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
