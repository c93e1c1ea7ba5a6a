// The world, as the superdaemon asks for it.

import type { StatusFile } from '../files/status-file.ts';
import { memoryOf } from '../posix/process/process-facts.ts';
import type { SignalName } from '../posix/process/signals.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import type { Host } from '../superdaemon/host.ts';
import type { LeftBehind } from '../workers/left-behind.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import type { WorkerTrees } from '../workers/worker-trees.ts';
import type { SettingsOptions } from './attempt-settings.ts';
import type { Check } from './check.ts';
import type { EarlierConfigurations } from './earlier-configurations.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';
import { launchingsOf } from './launching.ts';
import type { AttemptWorld } from './spawn-attempt.ts';

export interface World extends AttemptWorld, Omit<SettingsOptions, 'spares'> {
  readonly listening: KeepListening;
  readonly earlier: EarlierConfigurations;
  readonly events: EventQueue;
  readonly mains: MainProcesses;
  readonly signalWorker: (pid: number, signal: SignalName) => void;
  readonly left: LeftBehind;
  readonly trees: WorkerTrees | undefined;
  /** Behind what an outdated command line had open. */
  readonly outdated: () => void;
  readonly check: Check;
  readonly canaryCheck: Check;
  readonly upgrade: Pick<Host, 'trySuccessor' | 'cancelTrial'>;
  readonly status: StatusFile | undefined;
  readonly log: Log;
}

export function realHost(world: World): Host {
  const { events, mains, listening, left, trees, check, canaryCheck, upgrade, status, log, earlier } = world;
  const launchings = launchingsOf(world);
  const { ours, of } = launchings;
  const leaving = (pid: number) => {
    for (const each of [listening, ...earlier.all().map((its) => its.listening)]) each.leaving(pid);
  };
  return {
    now: events.now,
    nextEvent: events.next,
    freeze: (ordinal) => of(ordinal).settings.freeze(),
    policy: launchings.policy,
    check: ({ ordinal, generation, frozen }) =>
      check.begin({
        generation,
        surroundings: ours.settings.environmentOf({ ordinal, generation, frozen, place: undefined }),
        ended: (refusal) => events.push({ kind: 'checked', generation, refusal }),
      }),
    cancelCheck: () => check.cancel(),
    judge: ({ pid, ...attempt }) =>
      canaryCheck.begin({
        generation: attempt.generation,
        surroundings: ours.surroundingsOf(attempt),
        pid,
        ended: (refusal) => events.push({ kind: 'judged', attempt: attempt.attempt, refusal }),
      }),
    cancelJudgement: () => canaryCheck.cancel(),
    trySuccessor: upgrade.trySuccessor,
    cancelTrial: upgrade.cancelTrial,
    spawn: (attempt) => of(attempt.ordinal).spawn(attempt),
    outdate: (ordinal) => {
      earlier.outdate(ordinal);
      world.outdated();
    },
    signal: (pid, signal) => {
      left.look(pid);
      trees?.look(pid);
      leaving(pid);
      if (!mains.signal(pid, signal)) world.signalWorker(pid, signal);
    },
    memoryOf: (pid) => mains.serving(pid).reduce((sum, each) => sum + (memoryOf(each) ?? 0), 0),
    signalTree: (pid, signal) => {
      leaving(pid);
      trees?.signal(pid, signal);
    },
    publish: (generations) => status?.publish(generations),
    log: log.write,
  };
}
