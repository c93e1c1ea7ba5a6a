// The types of all options: as commander collects them, each value parsed, and as a start or a client has them, with their
// defaults.

import type { LogTarget } from '../files/output.ts';
import type { PathAccess } from '../sockets/path-access.ts';
import type { InternetSpec, SocketSpec } from '../sockets/socket-spec.ts';
import type { Scaling, Signal } from '../superdaemon/host.ts';
import type { Readiness } from '../workers/readiness.ts';
import type { ServerName } from '../workers/server-adapter.ts';
import type { Hook } from './hook.ts';
import type { LogFormatName, UnitKind } from './option-values.ts';
import type { AskedPrivileges, NamedLimit, NamedUser } from './privilege-values.ts';
import type { Shell } from './shells.ts';

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
  /** A deploy looks directory and envdir up once. */
  readonly freeze: boolean;
  /** undefined: one, and no pool. */
  readonly workers: number | undefined;
  readonly startAtOnce: number;
  /** undefined: any number more than the pool has may live during a deploy. */
  readonly surge: number | undefined;
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
  /** What a worker has started goes with it. */
  readonly killTree: boolean;
  readonly hooks: readonly Hook[];
  /** 0: never. */
  readonly killOldTimeoutMs: number;
  /** undefined: no canary. */
  readonly canaryMs: number | undefined;
  /** A shell command that decides on the canary. */
  readonly canaryCheck: string | undefined;
  /** Of each slot; undefined: any number. */
  readonly maxOld: number | undefined;
  readonly stopTimeoutMs: number;
  /** undefined: nobody asks whether workers live. */
  readonly watchdogMs: number | undefined;
  /** undefined: nobody is recycled for it. */
  readonly maxAgeMs: number | undefined;
  readonly maxMemoryBytes: number | undefined;
  /** Of all that is started but the log command; undefined: ours. */
  readonly privileges: AskedPrivileges | undefined;
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
  /** The service manager keeps the sockets. */
  readonly fdStore: boolean;
  /** Variables that workers see because an option was given; an envdir may change them. */
  readonly exported: ReadonlyMap<string, string>;
}

/** What commander collects; undefined where an option was not given. */
export interface Given {
  readonly port?: readonly SocketSpec[];
  readonly path?: readonly SocketSpec[];
  readonly workerPort?: readonly InternetSpec[];
  readonly backlog?: number;
  readonly pathMode?: number;
  readonly pathOwner?: NonNullable<PathAccess['owner']>;
  readonly listenFds?: true;
  readonly as?: ServerName;
  readonly dir?: string;
  readonly freeze?: true;
  readonly interval?: number;
  readonly signalOnHup?: Signal;
  readonly signalOnTerm?: Signal;
  readonly killOldDelay?: number;
  readonly pidFile?: string;
  readonly statusFile?: string;
  readonly envdir?: string;
  readonly logFile?: LogTarget;
  readonly logFormat?: LogFormatName;
  readonly daemonize?: true;
  readonly fdStore?: true;
  readonly ready?: Readiness;
  readonly readyTimeout?: number;
  readonly maxStartAttempts?: number;
  readonly check?: string;
  readonly onEvent?: readonly Hook[];
  readonly killOldTimeout?: number;
  readonly canary?: number;
  readonly canaryCheck?: string;
  readonly maxOld?: number;
  readonly stopTimeout?: number;
  readonly backoff?: number;
  readonly user?: NamedUser;
  readonly umask?: number;
  readonly nice?: number;
  readonly oomScoreAdj?: number;
  readonly limit?: readonly NamedLimit[];
  readonly watchdog?: number;
  readonly maxAge?: number;
  readonly maxMemory?: number;
  readonly killTree?: true;
  readonly workers?: number;
  readonly startAtOnce?: number;
  readonly surge?: number;
  readonly scale?: Scaling;
  readonly restart?: true;
  readonly upgrade?: true;
  readonly waitTimeout?: number;
  /** false: --no-wait-old. */
  readonly waitOld?: boolean;
  readonly quiet?: true;
  readonly cancel?: true;
  readonly stop?: true;
  readonly status?: true;
  readonly json?: true;
  /** true: all of them. */
  readonly events?: true | readonly string[];
  readonly metrics?: true;
  readonly metricsFile?: string;
  /** true: without a number. */
  readonly watch?: true | number;
  readonly dryRun?: true;
  /** true: the first of them. */
  readonly printUnit?: true | UnitKind;
  readonly enableAutoRestart?: true;
  readonly autoRestartInterval?: number;
  readonly completion?: Shell;
  /** true: the page that fits one screen. */
  readonly help?: true | 'all';
  readonly version?: true;
}
