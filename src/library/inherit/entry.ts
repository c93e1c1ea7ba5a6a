// What `--as=node` puts into NODE_OPTIONS, so it is in every Node process below the command, npm's and the shell's, too. In
// syntax that any Node understands; one before 18, and whoever has no superdaemon above, is left as it is. What only a process
// needs that serves is here as text: V8 skips that, and would look at each word of a program. And it is there when it is
// needed, days later perhaps, whatever has become of the file.

import { inherit } from './inherit.ts';
import type * as later from './later.ts';
import type * as serving from './serving.ts';

/** Made of these modules by scripts/build.mjs. */
declare const SERVING: string;
declare const LATER: string;

/** As Node's CommonJS loader gives it to this file. */
declare const module: Loaded & { readonly constructor: new (filename: string) => Loaded };

interface Loaded {
  readonly exports: object;
  _compile(code: string, filename: string): void;
}

/** As they are now: what the program makes of its loader later is its own, and must not trouble it when it is told to go. */
const { _compile: compile, constructor: Part } = module;

if (process.env.SERVER_STARTER_PORT !== undefined && Number.parseInt(process.versions.node, 10) >= 18) {
  inherit({
    fs: () => require('node:fs'),
    events: () => require('node:events'),
    cluster: () => require('node:cluster'),
    dgram: () => require('node:dgram'),
    threads: () => require('node:worker_threads'),
    serving: once(() => run<typeof serving>(SERVING)),
    later: once(() => run<typeof later>(LATER)),
  });
}

function run<T extends object>(code: string): T {
  const part = new Part(__filename);
  compile.call(part, code, __filename);
  return part.exports as T; // What the build has ended the text with.
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made = made === undefined ? make() : made;
    return made;
  };
}
