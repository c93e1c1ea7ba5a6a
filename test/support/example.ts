import { fileURLToPath } from 'node:url';
import { type Superdaemon, startSuperdaemon } from './superdaemon.ts';

/** Runs `examples/NAME/run`, whose `start-server` is the program under test, with these options of the superdaemon; it is recorded. */
export function startExample(
  name: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Superdaemon {
  const run = fileURLToPath(new URL(`../../examples/${name}/run`, import.meta.url));
  // The program comes as the first word: its folder leads the PATH.
  const script = 'PATH="$(dirname "$1"):$PATH"; shift; exec "$0" "$@"';
  return startSuperdaemon(options, { env, via: ['sh', '-c', script, run], recorded: true });
}
