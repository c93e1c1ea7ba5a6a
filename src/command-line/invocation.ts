// What a command line asks for: a start, or a client with its options.

import type { Scaling } from '../superdaemon/host.ts';
import type { UnitKind } from './option-values.ts';
import type { Shell } from './shells.ts';
import type { StartOptions } from './start-options.ts';

export type Invocation =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | ({ readonly kind: 'restart'; readonly options: RestartOptions } & OfClient)
  | ({ readonly kind: 'stop'; readonly options: StopOptions } & OfClient)
  | ({ readonly kind: 'upgrade'; readonly options: UpgradeOptions } & OfClient)
  | ({ readonly kind: 'cancel'; readonly options: ClientOptions } & OfClient)
  | ({ readonly kind: 'scale'; readonly options: ScaleOptions } & OfClient)
  | ({ readonly kind: 'events'; readonly options: EventsOptions } & OfClient)
  | ({ readonly kind: 'metrics'; readonly options: MetricsOptions } & OfClient)
  | ({ readonly kind: 'status'; readonly options: StatusOptions } & OfClient)
  | {
      readonly kind: 'print-unit';
      readonly unit: UnitKind;
      readonly options: StartOptions;
      /** Its options, plainly spelt, but for the one that asks for the unit. */
      readonly words: readonly string[];
    }
  | { readonly kind: 'start' | 'dry-run'; readonly options: StartOptions };

/** A command that asks a running superdaemon. */
export interface OfClient {
  /** Options and words that mean nothing to it, in a line. */
  readonly ignored: string | undefined;
}

export interface ClientOptions {
  readonly pidFile: string;
  /** Infinity: for ever. */
  readonly waitTimeoutMs: number;
  /** Nobody wants to see how it goes. */
  readonly quiet: boolean;
}

export interface RestartOptions extends ClientOptions {
  /** For a superdaemon that cannot be asked. */
  readonly statusFile: string | undefined;
  /** Wait until the old generation has gone, too. */
  readonly waitOld: boolean;
}

export interface UpgradeOptions extends ClientOptions {
  /** The command line of the successor; undefined: its predecessor's. */
  readonly words: readonly string[] | undefined;
  /** Wait until the old generation has gone, too. */
  readonly waitOld: boolean;
}

export interface ScaleOptions extends ClientOptions {
  readonly scaling: Scaling;
}

export interface EventsOptions extends ClientOptions {
  /** undefined: all. */
  readonly names: readonly string[] | undefined;
}

export interface StopOptions extends ClientOptions {
  /** For the workers of one that was killed. */
  readonly statusFile: string | undefined;
}

export interface StatusOptions {
  readonly pidFile: string;
  /** For a superdaemon that cannot be asked. */
  readonly statusFile: string | undefined;
  /** Infinity: nobody has said. */
  readonly waitTimeoutMs: number;
  readonly json: boolean;
  /** undefined: to look once is enough. */
  readonly watchMs: number | undefined;
}

export interface MetricsOptions {
  readonly pidFile: string;
  /** Infinity: nobody has said. */
  readonly waitTimeoutMs: number;
  /** undefined: standard output. */
  readonly metricsFile: string | undefined;
}
