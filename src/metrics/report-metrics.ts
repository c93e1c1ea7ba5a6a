import { basename } from 'node:path';
import type { Hello } from '../control/protocol.ts';
import { reportOfHello } from '../control/report-status.ts';
import { metricsText } from './metrics-text.ts';

/**
 * `seen`: the superdaemon's pid in our own pid namespace; `file`: by which people know it, its metrics file or its pid file.
 * undefined: it is of a version that counts nothing.
 */
export function metricsOfHello(hello: Hello, seen: number, file: string): string | undefined {
  const { deploys, exits } = hello;
  if (deploys === undefined || exits === undefined) return undefined;
  const app = basename(file).replace(/\.(?:prom|pid)$/, '');
  return metricsText(reportOfHello(hello, seen), { deploys, exits }, app);
}
