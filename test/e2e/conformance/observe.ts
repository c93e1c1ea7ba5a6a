// Runs a case against one program and writes down all that can be seen of it.

import { eventually } from '../../support/eventually.ts';
import { type Superdaemon, startSuperdaemon } from '../../support/superdaemon.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { handedOver, startedAs } from './caller.ts';
import type { Case, Observation, Pair } from './case.ts';
import { fileFacts, furnish } from './files.ts';
import { keepLines, maskPids } from './mask.ts';
import { type Place, running } from './running.ts';
import { exitOf, fillWords, type Scene, type Setting, take } from './steps.ts';
import { outsideFacts, workerFacts } from './worker-view.ts';

interface Observed extends Scene {
  readonly facts: Map<string, string>;
}

export async function observe(it: Case, pair: Pair, setting: Setting): Promise<Observation> {
  furnish(setting.dir, it);
  using reports = tempDir();
  const place = { dir: setting.dir, reports, words: fillWords(it.words, setting.fill) };
  await using superdaemon = start(it, pair.superdaemon, place);
  const program = running(superdaemon, place);
  const scene = { it, pair, setting, program, facts: new Map<string, string>() };
  try {
    await play(scene);
    await stop(scene);
  } catch (error) {
    scene.facts.set('gave up', error instanceof Error ? error.message : String(error));
  }
  await writeDown(scene, superdaemon, place.words);
  return scene.facts;
}

function start(it: Case, program: string, { dir, reports, words }: Place): Superdaemon {
  using descriptors = handedOver(it);
  const options = startedAs(program, it, dir);
  return startSuperdaemon(words, {
    ...options,
    env: { ...options.env, REPORT_DIR: reports.path },
    descriptors: descriptors.numbers,
  });
}

/** From the start to just before the stop. */
async function play(scene: Observed): Promise<void> {
  const { it, program, facts } = scene;
  const atWork = () => program.report(1) !== undefined || it.first?.test(program.log()) === true;
  await program.until(() => program.exited() || atWork(), 'the start');
  facts.set('start', program.exited() ? 'ends by itself' : 'runs');
  if (program.exited()) return;
  const report = program.report(1);
  if (report !== undefined) addAll(facts, 'workers.1', outsideFacts(report.pid));
  for (const [index, step] of (it.steps ?? []).entries()) {
    addAll(facts, `step ${index + 1}`, await take(step, scene));
    addAll(facts, `after step ${index + 1}`, fileFacts(scene.setting.dir, program.names()));
  }
}

async function stop({ it, program }: Observed): Promise<void> {
  if (it.stop !== 'itself') await program.signal(`SIG${it.stop ?? 'TERM'}`);
  await program.until(program.exited, 'the end');
}

async function writeDown(
  { setting: { dir }, program, facts }: Observed,
  superdaemon: Superdaemon,
  words: readonly string[],
): Promise<void> {
  const names = program.names();
  if (program.exited()) {
    const { code, signal } = await superdaemon.exit;
    facts.set('exit', signal ?? exitOf(code));
  }
  facts.set('left.processes', String(await leftProcesses(superdaemon)));
  addAll(facts, 'left.files', fileFacts(dir, names));
  facts.set('log', maskPids(keepLines(superdaemon.log()), names));
  facts.set('stdout', keepLines(superdaemon.output()));
  for (let generation = 1; generation <= program.generation(); generation++) {
    const report = program.report(generation);
    if (report) addAll(facts, `workers.${generation}`, workerFacts(report, words, names));
  }
}

/** A log command may take a moment to see that nobody writes to it any more. */
async function leftProcesses(superdaemon: Superdaemon): Promise<number> {
  const none = () => {
    if (superdaemon.processes().length > 0) throw new Error('some are left');
    return 0;
  };
  return eventually(none, { withinMs: 1500 }).catch(() => superdaemon.processes().length);
}

function addAll(facts: Map<string, string>, prefix: string, added: readonly [string, string][]): void {
  for (const [name, fact] of added) facts.set(`${prefix}.${name}`, fact);
}
