// What of a command line depends on the directory in which it is read.

import { isAbsolute } from 'node:path';
import type { StartOptions } from '../command-line/start-options.ts';

/** In words for the user; empty: it means the same everywhere. */
export function relativeNames(options: StartOptions): string[] {
  const { sockets, pidFile, statusFile, metricsFile, envdir, log, directory } = options;
  const paths = sockets.flatMap((spec) => (spec.kind === 'unix' ? [named('--path', spec.path)] : []));
  const files = [
    ...paths,
    named('--pid-file', pidFile),
    named('--status-file', statusFile),
    named('--metrics-file', metricsFile),
    named('--envdir', envdir),
    named('--log-file', log.kind === 'file' ? log.path : undefined),
    named('--dir', directory),
  ];
  const without = directory === undefined ? ['the command, without --dir,'] : [];
  return [...files.flat(), ...without];
}

function named(option: string, path: string | undefined): string[] {
  return path === undefined || isAbsolute(path) ? [] : [`${option}=${path}`];
}
