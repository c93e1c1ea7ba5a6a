// What the command line asks for, fully parsed.

import type { LogTarget } from '../files/output.ts';
import type { PathAccess } from '../sockets/path-access.ts';
import type { InternetSpec, SocketSpec } from '../sockets/socket-spec.ts';
import type { Scaling, Signal } from '../superdaemon/host.ts';
import type { Readiness } from '../workers/readiness.ts';
import type { ServerName } from '../workers/server-adapter.ts';
import type { Hook } from './hook.ts';
import type { LogFormatName } from './option-values.ts';
import type { Shell } from './shells.ts';

export type Invocation =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | ({ readonly kind: 'restart'; readonly options: RestartOptions } & OfClient)
  | ({ readonly kind: 'stop'; readonly options: StopOptions } & OfClient)
  | ({ readonly kind: 'upgrade' | 'cancel'; readonly options: ClientOptions } & OfClient)
  | ({ readonly kind: 'scale'; readonly options: ScaleOptions } & OfClient)
  | ({ readonly kind: 'events'; readonly options: EventsOptions } & OfClient)
  | ({ readonly kind: 'metrics'; readonly options: MetricsOptions } & OfClient)
  | ({ readonly kind: 'status'; readonly options: StatusOptions } & OfClient)
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

export interface StartOptions {
  /** In the order of binding: every --port, then every --path. */
  readonly sockets: readonly SocketSpec[];
  /** Each worker's own: its number is added to the port. */
  readonly workerPorts: readonly InternetSpec[];
  readonly backlog: number;
  readonly pathAccess: PathAccess;
  /** Hand the sockets over by LISTEN_FDS, too. */
  readonly listenFds: boolean;
  /** … and in the words of this server. */
  readonly server: ServerName | undefined;
  readonly command: readonly [program: string, ...args: string[]];
  /** undefined: the superdaemon's own. */
  readonly directory: string | undefined;
  /** undefined: one, and no pool. */
  readonly workers: number | undefined;
  readonly startAtOnce: number;
  readonly intervalMs: number;
  readonly signalOnHup: Signal;
  readonly signalOnTerm: Signal;
  readonly readiness: Readiness;
  /** How long a worker may take to become ready; without a say in it the interval decides. */
  readonly readyTimeoutMs: number;
  /** 0: for ever. */
  readonly maxStartAttempts: number;
  /** A shell command that has the last word before a deploy. */
  readonly check: string | undefined;
  readonly hooks: readonly Hook[];
  /** 0: never. */
  readonly killOldTimeoutMs: number;
  readonly stopTimeoutMs: number;
  /** undefined: nobody asks whether workers live. */
  readonly watchdogMs: number | undefined;
  /** 0: the interval does not grow. */
  readonly backoffMs: number;
  readonly pidFile: string | undefined;
  readonly statusFile: string | undefined;
  /** Written by the superdaemon as long as it runs. */
  readonly metricsFile: string | undefined;
  readonly envdir: string | undefined;
  readonly log: LogTarget;
  readonly logFormat: LogFormatName;
  readonly daemonize: boolean;
  /** Variables that workers see because an option was given; an envdir may change them. */
  readonly exported: ReadonlyMap<string, string>;
}
