// What a service manager is told (sd_notify(3)) of our life, as a function of the log events.

import type { LogEvent } from '../superdaemon/log-event.ts';
import { logLine } from '../superdaemon/log-line.ts';

export interface Facts {
  readonly pid: number;
  /** What an attempt to start a worker may take. */
  readonly attemptMs: number;
  /** Attempts are limited in number. */
  readonly endsByItself: boolean;
  /** Of a pool: what it is to have, and the slots that serve; undefined: there is one worker. */
  readonly workers?: number | undefined;
  readonly serving?: readonly Serving[];
  /** It has been told READY=1 by the predecessor. */
  readonly isReady: boolean;
  /** CLOCK_MONOTONIC, in microseconds. */
  readonly monotonicUsec: () => bigint;
}

interface Serving {
  readonly slot: number;
  readonly pid: number;
}

/** On top of an attempt's own time. */
const MARGIN_MS = 10_000;

/** Returns the lines of the message for an event; undefined: there is nothing to say. */
export function messages(facts: Facts): (event: LogEvent) => readonly string[] | undefined {
  const { patience, serves, reloads, readyAgain, failed, pool } = life(facts);
  return (event) => {
    pool.take(event);
    switch (event.event) {
      case 'checking':
        return [...patience(), status(`checking the release for generation ${event.generation}`)];
      case 'worker-starting':
        return [...patience(), status(`generation ${event.generation}, pid ${event.pid}, is starting`)];
      case 'scaled':
        return [status(pool.text())];
      case 'all-started':
      case 'worker-started':
        return serves(event);
      case 'hup':
      case 'auto-restart':
        return reloads(event);
      case 'deployed':
        return event.deploy === undefined ? undefined : ['READY=1'];
      case 'canary-started':
        return [status(logLine(event) ?? '')];
      case 'canary-refused':
      case 'check-refused':
      case 'given-up':
        return readyAgain(event);
      case 'spawn-failed':
      case 'worker-late':
      case 'worker-failed-to-start':
        return failed(event);
      case 'worker-died':
        if (event.role !== 'current') return undefined;
        return [status(event.worker === undefined ? lineOf(event) : pool.text())];
      case 'stopping':
        return ['STOPPING=1', status(lineOf(event))];
      default:
        return undefined;
    }
  };
}

type Serves = Extract<LogEvent, { event: 'all-started' | 'worker-started' }>;

/** What depends on what has been said before. */
function life(facts: Facts) {
  const pool = poolStatus(facts);
  let ready = facts.isReady;
  let hasFailed = false;
  /** A slow start must not look like a hanging one. Failed attempts that go on for ever are to end some time, though. */
  const patience = () => {
    if (hasFailed && !facts.endsByItself) return [];
    return [`EXTEND_TIMEOUT_USEC=${(facts.attemptMs + MARGIN_MS) * 1000}`];
  };
  return {
    pool,
    patience,
    serves: (event: Serves) => {
      hasFailed = false;
      const isPool = event.event === 'all-started' || event.worker !== undefined;
      const text = status(isPool ? pool.text() : `generation ${event.generation}, pid ${event.pid}, serves`);
      if (ready) return [text];
      if (isPool && event.event === 'worker-started') return [...patience(), text];
      ready = true;
      return ['READY=1', `MAINPID=${facts.pid}`, text];
    },
    reloads: (event: LogEvent) => {
      if (!ready) return undefined;
      return ['RELOADING=1', `MONOTONIC_USEC=${facts.monotonicUsec()}`, status(lineOf(event))];
    },
    readyAgain: (event: LogEvent) => {
      hasFailed = false;
      return ['READY=1', status(lineOf(event))];
    },
    failed: (event: LogEvent) => {
      hasFailed = true;
      return [status(lineOf(event))];
    },
  };
}

function lineOf(event: LogEvent): string {
  return logLine(event) ?? '';
}

function status(text: string): string {
  return `STATUS=${text}`;
}

/** How many slots have a worker that serves, of whatever generation. */
function poolStatus({ workers = 1, serving: begins = [] }: Facts) {
  let wanted = workers;
  const serving = new Map(begins.map(({ slot, pid }) => [pid, slot]));
  return {
    take: (event: LogEvent) => {
      if (event.event === 'scaled') wanted = event.to;
      if (event.event === 'worker-started') serving.set(event.pid, event.worker ?? 0);
      if (event.event === 'worker-signalled' || event.event === 'worker-died') serving.delete(event.pid);
    },
    text: () => {
      const slots = new Set([...serving.values()].filter((slot) => slot < wanted));
      return `${slots.size} of ${wanted} workers serve`;
    },
  };
}
