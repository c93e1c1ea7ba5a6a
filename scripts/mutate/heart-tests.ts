// Who notices a slip in the heart: its unit tests, one after the other, until one fails. They run without vitest, in a thread of this
// process that is kept, so that only the heart is new for each slip.

import { on, once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import esbuild from 'esbuild';
import type { Asked, Said } from './quick-tests.ts';
import { HEART, type Tests } from './slips.ts';

const STAND_IN = resolve('scripts/mutate/quick-tests.ts');
/** They take half a minute, and are asked about what the others have not noticed. */
const SEARCHES = ['superdaemon-start', 'superdaemon-pool-cases', 'superdaemon-faults', 'storm', 'orders'];
/** All of these together take a second. */
const CASES =
  /^(superdaemon-.*|storms-found|log-line|policy|json-format|exit-counts|last-failure|service-messages)\.test\.ts$/;
const cases = readdirSync('test/unit')
  .filter((name) => CASES.test(name))
  .map((name) => basename(name, '.test.ts'))
  .filter((name) => !SEARCHES.includes(name));
/** A file that takes so much more of the processor does not end. */
const CASES_SECONDS = 2;
const SEARCHES_SECONDS = 120;

/** `quick`: only the cases are asked. */
export function heartTests({ quick }: { readonly quick: boolean }): Tests {
  const bundle = resolve(`dist/mutate-${process.pid}.mjs`);
  const thread = testThread(bundle);
  /** Those that have noticed a slip in a file are likely to notice the next one. */
  const likely = new Map<string, readonly string[]>();
  return {
    noticedBy: async ({ file, text }) => {
      await thread.begin();
      const code = compiled(text);
      if (code === undefined) return 'the compiler';
      const asked = { name: basename(file, '.ts'), code };
      const first = likely.get(file) ?? cases.filter((name) => name.includes(asked.name));
      const tests = [...new Set([...first, ...cases])];
      const failing =
        (await thread.ask({ ...asked, tests }, CASES_SECONDS)) ??
        (quick ? undefined : await thread.ask({ ...asked, tests: SEARCHES }, SEARCHES_SECONDS));
      const [test = ''] = failing?.split(':') ?? [];
      if (cases.includes(test)) likely.set(file, [...new Set([test, ...first])]);
      return failing;
    },
    [Symbol.dispose]: () => rmSync(bundle, { force: true }),
  };
}

function testThread(bundle: string) {
  let thread: Worker | undefined;
  const ask = async (asked: Asked, seconds: number): Promise<string | undefined> => {
    thread ??= beginThread(bundle).once('exit', () => {
      thread = undefined;
    });
    thread.postMessage(asked);
    return await answerOf(thread, seconds);
  };
  let hasBegun = false;
  const begin = async () => {
    if (hasBegun) return;
    hasBegun = true;
    await bundleTests(bundle);
    const [name = '', code = ''] = Object.entries(heartCodes())[0] ?? [];
    const failing = await ask({ name, code, tests: cases }, CASES_SECONDS);
    if (failing !== undefined) throw new Error(`without any slip this fails: ${failing}`);
  };
  return { begin, ask };
}

/** The process does not wait for its end. */
function beginThread(bundle: string): Worker {
  const thread = new Worker(bundle, {
    workerData: heartCodes(),
    resourceLimits: { maxOldGenerationSizeMb: 600 },
  });
  thread.unref();
  return thread;
}

/** The first test that fails, or the file with one that does not end. */
async function answerOf(thread: Worker, seconds: number): Promise<string | undefined> {
  const listening = new AbortController();
  const { signal } = listening;
  const late = new AbortController();
  let [name, since] = ['', process.cpuUsage()];
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(since);
    if (user + system > seconds * 1_000_000) late.abort();
  }, 200);
  once(thread, 'exit', { signal }).then(
    () => late.abort(),
    () => {},
  );
  try {
    for await (const [said] of on(thread, 'message', { signal: late.signal }) as AsyncIterable<[Said]>) {
      if ('failing' in said) return said.failing;
      [name, since] = [said.name, process.cpuUsage()];
    }
    return undefined;
  } catch {
    await thread.terminate();
    return `${name}: does not end`;
  } finally {
    clearInterval(timer);
    listening.abort();
  }
}

function heartCodes(): Readonly<Record<string, string>> {
  const codes = readdirSync(HEART).map((name) => [
    basename(name, '.ts'),
    codeOf(readFileSync(`${HEART}/${name}`, 'utf8')),
  ]);
  return Object.fromEntries(codes);
}

/** undefined: it is no program. */
function compiled(text: string): string | undefined {
  try {
    return codeOf(text);
  } catch {
    return undefined;
  }
}

function codeOf(text: string): string {
  return esbuild.transformSync(text, { loader: 'ts', format: 'cjs', target: 'node20' }).code;
}

async function bundleTests(outfile: string): Promise<void> {
  const files = [...cases, ...SEARCHES].map(
    (name) => `'${name}': () => import('./test/unit/${name}.test.ts')`,
  );
  await esbuild.build({
    stdin: {
      contents: `import { answer } from 'vitest'; answer({ ${files.join(', ')} });`,
      resolveDir: '.',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pino'],
    plugins: [{ name: 'mutate', setup: resolveOthers }],
    logLevel: 'error',
  });
}

function resolveOthers(build: esbuild.PluginBuild): void {
  build.onResolve({ filter: /^(vitest|\.\/shrink\.ts)$/ }, ({ importer }) =>
    importer === STAND_IN ? undefined : { path: STAND_IN },
  );
  build.onLoad({ filter: /\/src\/superdaemon\/[\w-]+\.ts$/ }, ({ path }) => ({
    contents: exchangeable(basename(path, '.ts'), readFileSync(path, 'utf8')),
    resolveDir: '.',
  }));
  // It looks for what lies around it.
  build.onResolve({ filter: /\.cjs$/ }, ({ path, resolveDir }) => ({
    path: resolve(resolveDir, path),
    external: true,
  }));
}

/** One of the heart's files, as a test imports it: its exports are those of the heart at hand. */
function exchangeable(name: string, text: string): string {
  const exported = Array.from(
    text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm),
    ([, each]) => each,
  );
  const names = exported.join(', ');
  if (names === '') return '';
  return `import { onHeart } from 'vitest';
    export let ${names};
    onHeart('${name}', (heart) => { ({ ${names} } = heart); });`;
}
