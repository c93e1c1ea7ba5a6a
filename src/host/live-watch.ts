// What one worker says, on its way to the event queue and the log. What it says last is told before its end is. A class, as
// its watch is: there is one for each worker, for as long as it lives.

import type { Environment } from '../posix/process/caller.ts';
import type { Attempt } from '../superdaemon/host.ts';
import type { MainProcesses } from '../workers/main-processes.ts';
import { Newest } from '../workers/newest.ts';
import type { InheritedWatch, Watch, WatchCallbacks } from '../workers/readiness.ts';
import type { WorkerEnvironment } from '../workers/worker-environment.ts';
import type { Log } from './event-log.ts';
import type { EventQueue } from './event-queue.ts';

export interface InheritedWorkerWatch extends InheritedWatch {
  /** The worker's last STATUS, if nobody has been told of it yet. */
  readonly status: string | undefined;
}

export interface WorkerWatch extends Watch {
  forSuccessor(): InheritedWorkerWatch | undefined;
}

export interface Tried extends Pick<Attempt, 'generation' | 'attempt'> {
  /** Its slot, in a pool. */
  readonly worker: number | undefined;
  /** Of one that lives already; 0: it is not spawned yet. */
  readonly pid: number;
}

export type OpenWatch = (callbacks: WatchCallbacks) => Watch;

interface Hearing {
  readonly events: Pick<EventQueue, 'push'>;
  readonly log: Pick<Log, 'write'>;
  readonly mains: Pick<MainProcesses, 'named'>;
  /** By this worker. */
  readonly preloaded: (pid: number) => void;
}

/** A STATUS that another one follows sooner is not worth a line in the log, nor the while of those who listen. */
const STATUS_SPACING_MS = 100;
/** Nor is every word that it lives worth a turn of the loop. */
const BEAT_SPACING_MS = 100;

export class LiveWatch implements WorkerWatch, WatchCallbacks {
  readonly #tried: Tried;
  readonly #hearing: Hearing;
  readonly #watch: Watch;
  /** Of a worker that has said something. */
  #statuses: Newest<string> | undefined;
  /** Of one that has said that it lives. */
  #beats: Newest<true> | undefined;
  #pid: number;

  constructor(tried: Tried, hearing: Hearing, open: OpenWatch) {
    this.#tried = tried;
    this.#hearing = hearing;
    this.#pid = tried.pid;
    this.#watch = open(this);
  }

  get variables(): Environment {
    return this.#watch.variables;
  }

  begin(pid: number, environment: WorkerEnvironment): void {
    this.#pid = pid;
    this.#watch.begin(pid, environment);
  }

  ready(): void {
    this.#hearing.events.push({ kind: 'ready', attempt: this.#tried.attempt });
  }

  main(serving: number): void {
    const { generation, worker } = this.#tried;
    this.#hearing.mains.named({ generation, worker, pid: this.#pid }, serving);
  }

  preloaded(): void {
    this.#hearing.preloaded(this.#pid);
  }

  alive(): void {
    this.#beats ??= new Newest(BEAT_SPACING_MS, () =>
      this.#hearing.events.push({ kind: 'alive', attempt: this.#tried.attempt }),
    );
    this.#beats.say(true);
  }

  replace(): void {
    this.#hearing.events.push({ kind: 'replace', attempt: this.#tried.attempt });
  }

  look(): void {
    this.#watch.look();
  }

  status(text: string): void {
    this.#statuses ??= new Newest(STATUS_SPACING_MS, (newest) => this.#tell(newest));
    this.#statuses.say(text);
  }

  #tell(text: string): void {
    const { generation, worker } = this.#tried;
    const which = worker === undefined ? {} : { worker, pid: this.#pid };
    this.#hearing.log.write({ event: 'worker-status', generation, ...which, text });
  }

  forSuccessor(): InheritedWorkerWatch | undefined {
    const inherited = this.#watch.forSuccessor();
    return inherited && { ...inherited, status: this.#statuses?.unsent() };
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#statuses?.finish();
    this.#beats?.finish();
  }
}
