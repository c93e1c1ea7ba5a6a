// The options of a command line, each value parsed.

import type { LogTarget } from '../files/output.ts';
import type { PathAccess } from '../sockets/path-access.ts';
import type { InternetSpec, SocketSpec } from '../sockets/socket-spec.ts';
import type { Scaling, Signal } from '../superdaemon/host.ts';
import type { Readiness } from '../workers/readiness.ts';
import type { ServerName } from '../workers/server-adapter.ts';
import type { Hook } from './hook.ts';
import type { LogFormatName, UnitKind } from './option-values.ts';
import type { NamedLimit, NamedUser } from './privilege-values.ts';
import type { Shell } from './shells.ts';

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
