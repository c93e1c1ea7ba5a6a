// One life of a superdaemon, in which one call fails: started, asked, upgraded maybe, deployed, its worker killed, ended; and
// what must not be seen meanwhile, whatever has failed.

import { existsSync } from 'node:fs';
import { eventually } from '../support/eventually.ts';
import type { Call, Fault } from './fault.ts';
import { probe } from './probe.ts';
import { descriptorsOf, isBusy, moreOf, stackIn } from './seen.ts';
import { PATIENCE_MS, type Service, type Target } from './service.ts';
import type { Setting } from './settings.ts';
import { setUp } from './stage.ts';
import { answers, servesWhole } from './whole.ts';

export interface Seen {
  /** Whether the call was made in this life. */
  readonly fired: boolean;
  /** What must not be. */
  readonly findings: readonly string[];
  /** Of a life in which nothing fails. */
  readonly calls: readonly Call[];
  readonly usual: Usual;
}

/** What is there just before the end, and behind it. */
export interface Usual {
  readonly descriptors: readonly string[];
  readonly files: readonly string[];
}

const SETTLING_MS = 2_000;
/** After what was refused once: another client, another HUP. */
const TRIES = 3;

/** `usual`: of a life in which nothing failed. Without a fault this is one, and its calls are noted. */
export async function live(setting: Setting, fault?: Fault, usual?: Usual): Promise<Seen> {
  await using stage = await setUp(setting, ({ join }) =>
    fault === undefined
      ? { FAULTS_NOTES: join('calls') }
      : { FAULTS_FAULT: JSON.stringify(fault), FAULTS_FIRED: join('fired') },
  );
  const life = new Life(stage.service, {
    setting,
    targets: stage.targets,
    usual,
    pidFile: stage.pidFile,
    fault,
  });
  const found = await life.run();
  const notes = fault === undefined ? stage.service.text('calls').trimEnd().split('\n') : [];
  return {
    fired: stage.isThere('fired'),
    findings: [...new Set(life.findings)],
    calls: notes.map((line) => JSON.parse(line) as Call),
    usual: found,
  };
}

interface Plan {
  readonly setting: Setting;
  readonly targets: readonly Target[];
  readonly usual: Usual | undefined;
  readonly pidFile: string;
  readonly fault: Fault | undefined;
}

/** The life cannot go on: what was found says why. */
class Over extends Error {}

class Life {
  readonly findings: string[] = [];
  readonly #service: Service;
  readonly #plan: Plan;
  #step = 'start';
  /** Killed while nobody served: nobody holds then what is named. */
  #mayBeGone = false;

  constructor(service: Service, plan: Plan) {
    this.#service = service;
    this.#plan = plan;
  }

  async run(): Promise<Usual> {
    try {
      const isWhole = await this.#begin();
      const probes = this.#plan.targets.map((target) => probe(target, PATIENCE_MS));
      try {
        if (isWhole) await this.#middle();
      } finally {
        const lost = (await Promise.all(probes.map((each) => each.stop()))).flat();
        if (!this.#mayBeGone) this.findings.push(...lost);
      }
      return await this.#end();
    } catch (error) {
      if (!(error instanceof Over)) throw error;
      return { descriptors: [], files: [] };
    }
  }

  /** Returns whether nothing has failed yet, so that the rest is worth living. */
  async #begin(): Promise<boolean> {
    if (await this.#starts()) return true;
    if (!this.#isKilled) this.#lookAtRefusal();
    if (!(await this.#starts())) this.#over(`the next start fails, too: ${this.#service.lastWords()}`);
    return false;
  }

  async #starts(): Promise<boolean> {
    try {
      return await this.#service.start();
    } catch (error) {
      return this.#over(`neither serves nor ends (${error}): ${this.#service.lastWords()}`);
    }
  }

  get #isKilled(): boolean {
    return this.#plan.fault?.way === 'KILL' && this.#service.exit?.signal === 'SIGKILL';
  }

  /** One line says why, and nothing is left. */
  #lookAtRefusal(): void {
    const service = this.#service;
    const { code } = service.exit ?? {};
    const why = service.words().replace(/^start_server \(pid:.*\n/, '');
    if (code === 0 || !/^start-server: .+\n/m.test(why)) this.findings.push(`refused with ${code}: ${why}`);
    const left = service.filesLeft();
    if (left.length > 0) this.findings.push(`a refused start leaves ${left}`);
    if (service.processes().length > 0) this.findings.push('a refused start leaves processes');
  }

  async #middle(): Promise<void> {
    const { setting } = this.#plan;
    if (setting.upgrades) await this.#do('upgrade', () => this.#upgrade());
    await this.#do('deploy', async () => {
      const { generation } = await this.#service.worker();
      this.#service.signal('SIGHUP');
      return () => this.#servesWhole(generation + 1);
    });
    await this.#do('crash', async () => {
      const { pid } = await this.#service.worker();
      process.kill(pid, 'SIGKILL');
      return async () => {
        if (existsSync(`/proc/${pid}`)) throw new Error('it is not reaped');
        await this.#servesWhole(0);
      };
    });
    await this.#do('status', async () => () => answers(this.#service, this.#plan));
  }

  async #upgrade(): Promise<() => Promise<void>> {
    const before = this.#service.words().length;
    this.#service.signal('SIGUSR2');
    return async () => {
      if (!/^replaced version/m.test(this.#service.words().slice(before))) throw new Error('not replaced');
    };
  }

  async #servesWhole(generation: number): Promise<void> {
    await servesWhole(this.#service, this.#plan.setting, generation);
  }

  /** Acts, and waits for what `act` returns; once more, if the fault has been in the way, which is to be said. */
  async #do(step: string, act: () => Promise<() => Promise<void>>): Promise<void> {
    this.#step = step;
    const before = this.#service.words().length;
    let last: unknown;
    for (let tries = 0; tries < TRIES; tries += 1) {
      try {
        const done = await act();
        await eventually(done, { withinMs: PATIENCE_MS, giveUp: () => this.#service.exit !== undefined });
        if (tries > 0) this.#isSaid(before);
        return;
      } catch (error) {
        last = error;
      }
      if (this.#service.exit !== undefined) await this.#recover();
    }
    this.#over(`${step} is never done: ${last}\n${this.#service.words().slice(before)}`);
  }

  #isSaid(before: number): void {
    const words = this.#service.words().slice(before);
    if (this.#service.starts === 1 && !/warning|failed|refus|cannot|error/.test(words))
      this.findings.push(`${this.#step} is not done, and nothing said: ${words}`);
  }

  /** It has ended: killed, or by itself. */
  async #recover(): Promise<void> {
    const { code, signal } = this.#service.exit ?? {};
    if (!this.#isKilled)
      this.findings.push(`ended (${code ?? signal}) at ${this.#step}: ${this.#service.lastWords()}`);
    if (this.#isKilled && this.#step === 'crash') this.#mayBeGone = true;
    if (!(await this.#starts())) this.#over(`the next start fails: ${this.#service.lastWords()}`);
  }

  async #end(): Promise<Usual> {
    const { pid } = this.#service;
    const descriptors = await this.#descriptors(pid);
    if (await isBusy(pid)) this.findings.push('does not rest');
    await this.#stop();
    const stack = stackIn(this.#service.words());
    if (stack !== undefined) this.findings.push(`shows its insides: ${stack}`);
    const { usual } = this.#plan;
    if (usual !== undefined) await this.#compare(descriptors, usual);
    return { descriptors, files: this.#service.filesLeft() };
  }

  async #stop(): Promise<void> {
    this.#step = 'stop';
    this.#service.signal('SIGTERM');
    const exit = await this.#service.ended();
    if (exit === undefined) return this.#over(`does not stop: ${this.#service.lastWords()}`);
    if (this.#isKilled) {
      if (!(await this.#starts())) this.#over(`the next start fails: ${this.#service.lastWords()}`);
      return await this.#stop();
    }
    const how = exit.code ?? exit.signal;
    if (how !== 0) this.findings.push(`stops with ${how}: ${this.#service.lastWords()}`);
    const left = this.#service.processes().length;
    if (left > 0) this.findings.push(`${left} processes are left`);
  }

  async #compare(descriptors: readonly string[], usual: Usual): Promise<void> {
    const more = moreOf(descriptors, usual.descriptors);
    if (this.#service.starts === 1 && descriptors.length > usual.descriptors.length)
      this.findings.push(`more descriptors: ${more}`);
    const files = () => this.#service.filesLeft().filter((each) => !usual.files.includes(each));
    if (files().length === 0) return;
    // What could not be removed is removed, at the latest, by the next one.
    if (!(await this.#starts())) this.#over(`the next start fails: ${this.#service.lastWords()}`);
    await this.#stop();
    if (files().length > 0) this.findings.push(`left behind: ${files()}`);
  }

  /** Once those of the last client, say, are closed. */
  async #descriptors(pid: number): Promise<readonly string[]> {
    const { usual } = this.#plan;
    if (usual === undefined) return descriptorsOf(pid);
    const settled = () => {
      const found = descriptorsOf(pid);
      if (found.length > usual.descriptors.length) throw new Error('some are still open');
      return found;
    };
    return await eventually(settled, { withinMs: SETTLING_MS }).catch(() => descriptorsOf(pid));
  }

  #over(finding: string): never {
    this.findings.push(finding);
    throw new Over(finding);
  }
}
