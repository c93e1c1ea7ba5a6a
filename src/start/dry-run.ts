// --dry-run: a start without its effects. Every step that can fail is made, in the order of start.ts and with its words,
// and what it has acquired is released at once.

import type { StartOptions } from '../command-line/start-options.ts';
import { checkLog, checkMetricsFile, checkPidFile, checkStatusFile } from '../files/check-files.ts';
import { writeAnswer } from '../files/write-answer.ts';
import { environmentSource } from '../host/environment-source.ts';
import { formatOf } from '../host/event-log.ts';
import { openFilesOf } from '../host/open-files-of.ts';
import { writeLine } from '../posix/file/write-line.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { takeActivation } from '../sockets/activation.ts';
import type { Listener } from '../sockets/listener.ts';
import { isStored } from '../sockets/stored-sockets.ts';
import { slotSpecs } from '../sockets/worker-ports.ts';
import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type Restarts, restartsFrom } from '../superdaemon/policy.ts';
import { portTrouble } from '../workers/node-adapter.ts';
import { socketVariables } from '../workers/socket-variables.ts';
import { spareSockets } from '../workers/spare-sockets.ts';
import { tryProgram } from '../workers/try-program.ts';
import { generationsOwn, wholeOf, withSockets } from '../workers/worker-environment.ts';
import { acquireOrphaned, acquireSockets, acquireWorkerPorts, resolveNames } from './acquire.ts';
import { dryRunReport } from './dry-run-report.ts';
import { lookFirst } from './look-first.ts';

const STDERR = 2;

/** Throws StartupError when a start would. */
export async function dryRun(options: StartOptions, callerAsItIs: Caller): Promise<void> {
  const { caller, sockets: given } = takeActivation(callerAsItIs);
  const activated = given.filter((each) => !isStored(each));
  const { say, warn } = await callerIsTold(options);
  const specsOf = slotSpecs(options.workerPorts);
  const asked = {
    options,
    caller,
    activated,
    stored: given.filter(isStored),
    inherited: undefined,
    specsOf,
    say,
    rehearsal: true,
  } as const;
  checkLog(options.log, caller.environment);
  await lookFirst(asked);
  if (options.pidFile !== undefined) await checkPidFile(options.pidFile);
  const acquiring = { ...asked, options: await resolveNames(asked) };
  using orphaned = await acquireOrphaned(acquiring);
  using sockets = await acquireSockets(acquiring, orphaned);
  checkStatusFile(options.statusFile);
  checkMetricsFile(options.metricsFile);
  const { listeners } = sockets;
  using ports = acquireWorkerPorts(acquiring, orphaned, sockets);
  const { survivors } = orphaned;
  const variables = environmentSource(options, caller).read(warn);
  const restarts = restartsFrom(variables, warn);
  const trouble = options.server === 'node' ? portTrouble(listeners, variables) : undefined;
  if (trouble !== undefined) warn(trouble);
  const first = { generation: survivors.generation + 1, listeners, own: ports.of(0), restarts };
  const spares = spareSockets(listeners, {
    ...{ server: options.server, others: ports.all() },
    ...{ passedThrough: caller.descriptors, limit: openFilesOf(options, caller) },
  });
  const environment = wholeOf({
    lasting: socketVariables(listeners, options, spares)(variables),
    own: firstWorkersOwn(options, first),
  });
  const file = programFile(options, environment);
  const [callers, own] = [callerAsItIs.environment, ports.forSuccessor()];
  writeAnswer(dryRunReport({ options, file, listeners, own, environment, callers, restarts, survivors }));
}

async function callerIsTold(options: StartOptions) {
  const format = await formatOf(options);
  const tell = (event: LogEvent) => writeLine(STDERR, format(event, Date.now()) ?? '');
  return {
    say: (message: string) => tell({ event: 'set-up', message }),
    warn: (message: string) => tell({ event: 'warning', message }),
  };
}

interface FirstWorker {
  readonly generation: number;
  readonly listeners: readonly Listener[];
  readonly own: readonly Listener[];
  readonly restarts: Restarts;
}

function firstWorkersOwn({ workers }: StartOptions, first: FirstWorker): Environment {
  const { generation, listeners, own, restarts } = first;
  const variables = generationsOwn({
    generation,
    place: workers === undefined ? undefined : { worker: 0, workers },
    autoRestartInterval: restarts.autoRestartIntervalMs && restarts.autoRestartIntervalMs / 1000,
  });
  return own.length === 0 ? variables : withSockets(variables, { common: listeners, its: own });
}

function programFile(options: StartOptions, environment: Environment): string {
  const { command, directory, privileges } = options;
  const tried = tryProgram(command[0], { path: environment.get('PATH'), directory }, privileges);
  if (tried.kind === 'refused') throw new StartupError(`cannot start the worker: ${tried.reason}`);
  return tried.file;
}
