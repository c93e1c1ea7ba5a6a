// What command lines before ours have opened, while anybody goes by them: workers that live, and those that come in their
// places.

import type { StartOptions } from '../command-line/start-options.ts';
import type { KeepListening } from '../sockets/keep-listening.ts';
import type { Listener } from '../sockets/listener.ts';
import type { WorkerPorts } from '../sockets/worker-ports.ts';
import type { EnvironmentSource } from './environment-source.ts';
import type { OpenReadiness } from './open-readiness.ts';

export interface EarlierConfiguration extends Disposable {
  /** Its first deploy. */
  readonly since: number;
  readonly words: readonly string[];
  readonly options: StartOptions;
  readonly environment: EnvironmentSource;
  readonly listeners: readonly Listener[];
  readonly listening: KeepListening;
  readonly workerPorts: WorkerPorts;
  readonly readiness: OpenReadiness;
}

export interface EarlierConfigurations extends Disposable {
  /** Ascending. */
  all(): readonly EarlierConfiguration[];
  /** By which the workers of that deploy go; undefined: by ours. */
  of(ordinal: number): EarlierConfiguration | undefined;
  /** See Host.outdate. */
  outdate(ordinal: number): void;
}

/** `since`: our own first deploy. */
export function earlierConfigurations(
  known: readonly EarlierConfiguration[],
  since: number,
): EarlierConfigurations {
  let left = known;
  const nextOf = (index: number) => left[index + 1]?.since ?? since;
  return {
    all: () => left,
    of: (ordinal) => left.find((_, index) => ordinal < nextOf(index)),
    outdate: (ordinal) => {
      const over = left.filter((_, index) => nextOf(index) <= ordinal);
      left = left.filter((each) => !over.includes(each));
      for (const each of over) each[Symbol.dispose]();
    },
    [Symbol.dispose]: () => {
      for (const each of left) each[Symbol.dispose]();
    },
  };
}
