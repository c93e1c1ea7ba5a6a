// One life of a superdaemon, in which a kind of call fails for as long as it takes: no space, no descriptors, no processes. It goes on
// with what it has; does what it could not do as soon as it can; and ends when it is told to, in the middle of it.

import { existsSync } from 'node:fs';
import { eventually } from '../support/eventually.ts';
import type { Trouble } from './fault.ts';
import type { Usual } from './life.ts';
import { probe } from './probe.ts';
import { descriptorsOf, isBusy, moreOf, stackIn, type Window } from './seen.ts';
import { PATIENCE_MS, type Service } from './service.ts';
import type { Setting } from './settings.ts';
import { type Stage, setUp } from './stage.ts';
import { answers, servesWhole } from './whole.ts';

export interface Suffered {
  /** Whether such a call was made. */
  readonly fired: boolean;
  /** What must not be. */
  readonly findings: readonly string[];
}

export interface Ordeal {
  readonly setting: Setting;
  readonly trouble: Trouble;
  /** What there is in a life without. */
  readonly usual: Usual;
}

/** How long something is given that may not come about. */
const TRY_MS = 2_000;
const ANSWER_MS = 500;
/** An upgrade may be on its way still. */
const SETTLING_MS = 10_000;
/** While it lasts and nothing happens, but that it tries again each second. */
const REST: Window = { ms: 1_000, mostTicks: 25 };
const MOST_LINES = 60;
/** A client waits in the queue where no worker can be started. */
const LONGEST_WAIT_MS = 60_000;

export async function liveThrough({ setting, trouble, usual }: Ordeal): Promise<Suffered> {
  await using stage = await setUp(setting, ({ join }) => ({
    FAULTS_FAULT: JSON.stringify(trouble),
    FAULTS_FIRED: join('fired'),
    FAULTS_WHILE: join('trouble'),
  }));
  const life = new TroubledLife(stage, { setting, trouble, usual });
  await life.run();
  return { fired: stage.isThere('fired'), findings: [...new Set(life.findings)] };
}

/** The life cannot go on: what was found says why. */
class Over extends Error {}

/** A program that an upgrade has brought could not take over, nor could it at the second try. */
class Forsaken extends Error {}

class TroubledLife {
  readonly findings: string[] = [];
  readonly #stage: Stage;
  readonly #service: Service;
  readonly #ordeal: Ordeal;
  #step = 'start';

  constructor(stage: Stage, ordeal: Ordeal) {
    this.#stage = stage;
    this.#service = stage.service;
    this.#ordeal = ordeal;
  }

  async run(): Promise<void> {
    try {
      if (await this.#begins()) await this.#serve();
      await this.#end();
    } catch (error) {
      if (!(error instanceof Over)) throw error;
    }
  }

  /** Returns whether it serves in spite of it. Where it does not, it has ended, and starts as soon as it can. */
  async #begins(): Promise<boolean> {
    const isFromTheStart = this.#ordeal.trouble.since === 'the start';
    this.#stage.trouble(isFromTheStart);
    const isServing = await this.#starts();
    if (isServing) return true;
    if (!isFromTheStart) this.#over(`does not start: ${this.#service.lastWords()}`);
    if (this.#service.exit?.code === 0) this.findings.push('refuses with 0');
    if (this.#service.processes().length > 0) this.findings.push('a refused start leaves processes');
    this.#stage.trouble(false);
    if (!(await this.#starts())) this.#over(`does not start afterwards: ${this.#service.lastWords()}`);
    return false;
  }

  async #starts(): Promise<boolean> {
    try {
      return await this.#service.start();
    } catch (error) {
      return this.#over(`neither serves nor ends (${error}): ${this.#service.lastWords()}`);
    }
  }

  async #serve(): Promise<void> {
    const probes = this.#stage.targets.map((target) => probe(target, LONGEST_WAIT_MS));
    try {
      this.#stage.trouble(true);
      await this.#suffer().catch((error) => this.#startAgain(error));
      this.#stage.trouble(false);
      // An upgrade may come to its end only now.
      await this.#recover().catch(async (error) => {
        await this.#startAgain(error);
        await this.#recover();
      });
    } finally {
      this.#stage.trouble(false);
      this.findings.push(...(await Promise.all(probes.map((each) => each.stop()))).flat());
    }
  }

  /** It takes the workers over. */
  async #startAgain(error: unknown): Promise<void> {
    if (!(error instanceof Forsaken)) throw error;
    this.#stage.trouble(false);
    if (!(await this.#starts())) this.#over(`the next start fails: ${this.#service.lastWords()}`);
  }

  async #suffer(): Promise<void> {
    const { setting } = this.#ordeal;
    const { generation, pid } = await this.#service.worker();
    if (setting.upgrades) {
      this.#service.signal('SIGUSR2');
      await this.#maybe('upgrade', () => {
        if (!/^(replaced version|cannot be replaced)/m.test(this.#service.words()))
          throw new Error('no word of it');
      });
    }
    this.#service.signal('SIGHUP');
    await this.#maybe('deploy', () => servesWhole(this.#service, setting, generation + 1, ANSWER_MS));
    const victim = existsSync(`/proc/${pid}`) ? pid : (await this.#service.worker()).pid;
    process.kill(victim, 'SIGKILL');
    await this.#maybe('crash', () => servesWhole(this.#service, setting, 0, ANSWER_MS));
    this.#step = 'rest';
    const before = this.#linesSaid();
    if (await isBusy(this.#service.pid, REST)) this.findings.push('does not rest');
    const said = this.#linesSaid() - before;
    if (said > MOST_LINES) this.findings.push(`says ${said} lines: ${this.#service.lastWords()}`);
  }

  #linesSaid(): number {
    return this.#service.words().split('\n').length;
  }

  async #maybe(step: string, done: () => void | Promise<void>): Promise<void> {
    this.#step = step;
    const giveUp = () => this.#service.exit !== undefined;
    await eventually(done, { withinMs: TRY_MS, giveUp }).catch(() => {});
    const { exit } = this.#service;
    if (exit === undefined) return;
    if (this.#isForsaken) throw new Forsaken();
    this.#over(`ended (${exit.code ?? exit.signal}) at ${this.#step}: ${this.#service.lastWords()}`);
  }

  get #isForsaken(): boolean {
    const isOver = this.#service.exit !== undefined && this.#service.starts === 1;
    return isOver && /trying once more: .*\nstart-server: .+\n$/.test(this.#service.words());
  }

  /** By itself, and at the next HUP. */
  async #recover(): Promise<void> {
    const { setting } = this.#ordeal;
    await this.#surely('being whole again', () => servesWhole(this.#service, setting, 0));
    const { generation } = await this.#service.worker();
    this.#service.signal('SIGHUP');
    await this.#surely('a deploy', () => servesWhole(this.#service, setting, generation + 1));
    await this.#surely('an answer', () => answers(this.#service, { setting, pidFile: this.#stage.pidFile }));
    await this.#lookAtDescriptors();
  }

  async #surely(step: string, done: () => Promise<void>): Promise<void> {
    this.#step = step;
    try {
      await eventually(done, { withinMs: PATIENCE_MS, giveUp: () => this.#service.exit !== undefined });
    } catch (error) {
      if (this.#isForsaken) throw new Forsaken();
      this.#over(`${step} does not come about afterwards: ${error}\n${this.#service.lastWords()}`);
    }
  }

  async #lookAtDescriptors(): Promise<void> {
    // One that has taken workers over looks into the lists of more processes.
    if (this.#service.starts > 1) return;
    const usual = this.#ordeal.usual.descriptors;
    const more = () => moreOf(descriptorsOf(this.#service.pid), usual);
    const settled = () => {
      if (more().length > 0) throw new Error('more');
    };
    await eventually(settled, { withinMs: SETTLING_MS }).catch(() =>
      this.findings.push(`more descriptors: ${more()}`),
    );
  }

  async #end(): Promise<void> {
    this.#stage.trouble(true);
    await this.#stop();
    this.#stage.trouble(false);
    const stack = stackIn(this.#service.words());
    if (stack !== undefined) this.findings.push(`shows its insides: ${stack}`);
    const files = () => this.#service.filesLeft().filter((each) => !this.#ordeal.usual.files.includes(each));
    if (files().length === 0) return;
    if (!(await this.#starts())) this.#over(`does not start afterwards: ${this.#service.lastWords()}`);
    await this.#stop();
    if (files().length > 0) this.findings.push(`left behind: ${files()}`);
  }

  async #stop(): Promise<void> {
    this.#step = 'stop';
    this.#service.signal('SIGTERM');
    const exit = await this.#service.ended();
    if (exit === undefined) this.#over(`does not stop: ${this.#service.lastWords()}`);
    if (exit?.signal) this.findings.push(`stops by ${exit.signal}: ${this.#service.lastWords()}`);
    const left = this.#service.processes().length;
    if (left > 0) this.findings.push(`${left} processes are left`);
  }

  #over(finding: string): never {
    this.findings.push(finding);
    throw new Over(finding);
  }
}
