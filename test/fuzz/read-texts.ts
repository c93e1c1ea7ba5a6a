// A target, bundled so that the fuzzer sees our code and no package's, and read by it.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import esbuild from 'esbuild';
import { fitOlderLibraries } from './older-libraries.ts';

export interface Outcome {
  readonly executions: number;
  /** Of the program's control flow, that were taken at least once. */
  readonly edges: number;
  /** Those, by how often they were taken, and compared values that came nearer to each other. */
  readonly features: number;
  /** Seconds. */
  readonly slowest: number;
  /** What went wrong, and where the text is. */
  readonly finding: string | undefined;
}

const PACKAGES = 'test/fuzz/jazzer/node_modules/@jazzer.js';
const COMMAND = `${PACKAGES}/core/dist/cli.js`;
/** Longer ones are no talk of anybody's; a pattern that takes quadratic time shows. */
const LONGEST = 8192;
/** Of one text, instrumented, on a busy machine. */
const MOST_MS = 10_000;
const MOST_MEMORY_MB = 1024;

/** false: it has to be installed. */
export function prepareFuzzer(): boolean {
  if (!existsSync(COMMAND)) return false;
  if (process.platform === 'linux')
    fitOlderLibraries(`${PACKAGES}/fuzzer/prebuilds/fuzzer-linux-${process.arch}.node`);
  return true;
}

/** What has been reached stays in dist/, for the next run. */
export function readTexts(target: string, seconds: number): Outcome {
  const found = foundOf(target);
  mkdirSync(found, { recursive: true });
  return runFuzzer(target, [found, corpusOf(target)], [`-max_total_time=${seconds}`]);
}

export function foundOf(target: string): string {
  return resolve(`dist/fuzz/found/${target}`);
}

export function corpusOf(target: string): string {
  return resolve(`test/fuzz/corpus/${target}`);
}

export function runFuzzer(target: string, directories: readonly string[], flags: readonly string[]): Outcome {
  const bundle = bundled(target);
  const words = [
    ...[COMMAND, bundle, ...directories, '--sync', `--timeout=${MOST_MS}`],
    ...['--disable_bug_detectors=path-traversal', '--disable_bug_detectors=command-injection', '--'],
    ...[`-dict=${dictionary(target, bundle)}`, `-max_len=${LONGEST}`, `-rss_limit_mb=${MOST_MEMORY_MB}`],
    ...['-use_value_profile=1', '-print_final_stats=1', `-artifact_prefix=dist/fuzz/${target}-`, ...flags],
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  writeFileSync(`dist/fuzz/${target}.log`, `${stdout}${stderr}`);
  const last = (pattern: RegExp) => Number([...stderr.matchAll(pattern)].at(-1)?.[1] ?? 0);
  return {
    executions: last(/^stat::number_of_executed_units:\s*(\d+)/gm) || last(/^#(\d+)/gm),
    edges: last(/ cov: (\d+)/g),
    features: last(/ ft: (\d+)/g),
    slowest: last(/^stat::slowest_unit_time_sec:\s*(\d+)/gm),
    finding: status === 0 ? undefined : findingIn(`${stdout}${stderr}`),
  };
}

/** The error, and the name of the file. */
function findingIn(said: string): string {
  const lines = said.split('\n').filter((line) => line !== '' && !/^(?:INFO|#\d|stat::|NEW_FUNC)/.test(line));
  return lines.slice(-25).join('\n');
}

function bundled(target: string): string {
  const outfile = resolve(`dist/fuzz/${target}.cjs`);
  esbuild.buildSync({
    stdin: {
      contents: `
        import { soon } from './support/parsing.ts';
        import { fuzz as read, words } from './fuzz/targets/${target}.ts';
        export { words };
        export const fuzz = (input) => soon(() => read(input));`,
      resolveDir: 'test',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    sourcemap: 'inline',
    outfile,
    logLevel: 'warning',
  });
  return outfile;
}

/** What the language of the target is made of. */
function dictionary(target: string, bundle: string): string {
  const { words }: { words: readonly string[] } = createRequire(bundle)(bundle);
  const path = `dist/fuzz/${target}.words`;
  writeFileSync(path, words.map((word) => `"${escaped(Buffer.from(word))}"\n`).join(''));
  return path;
}

function escaped(word: Buffer): string {
  return Array.from(word, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
