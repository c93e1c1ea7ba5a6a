// The options of a start, with their defaults.

import type { LogTarget } from '../files/output.ts';
import type { PathAccess } from '../sockets/path-access.ts';
import type { InternetSpec, SocketSpec } from '../sockets/socket-spec.ts';
import type { Signal } from '../superdaemon/host.ts';
import type { Readiness } from '../workers/readiness.ts';
import type { ServerName } from '../workers/server-adapter.ts';
import type { Hook } from './hook.ts';
import type { LogFormatName } from './option-values.ts';
import type { AskedPrivileges } from './privilege-values.ts';

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
