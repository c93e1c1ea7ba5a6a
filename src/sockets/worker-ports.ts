// --worker-port: each slot has listeners of its own, at PORT + its number, which its old and its new worker share. They are
// bound when the slot comes, and closed once it is not wanted any more and its last worker has gone.

import { StartupError } from '../startup-error.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import {
  type InheritedListener,
  type Listener,
  type ListenersNow,
  listener as listenerOf,
} from './listener.ts';
import { type ListenerRequest, openInternetListener } from './open-listener.ts';
import { type InternetSpec, MAX_PORT } from './socket-spec.ts';

export interface WorkerPorts extends Disposable {
  /** Those of a slot; what is missing is bound. Throws StartupError, and has bound nothing then. */
  of(slot: number): readonly Listener[];
  /** At once, so that nothing is closed that it has. */
  spawned(slot: number, pid: number): void;
  onEvent(event: LogEvent): void;
  /** By slot. */
  readonly all: ListenersNow;
  forSuccessor(): readonly InheritedPorts[];
}

export interface InheritedPorts {
  readonly slot: number;
  readonly listeners: readonly InheritedListener[];
}

/** Who has which slot. */
export interface Seat {
  readonly slot: number;
  readonly pid: number;
}

export interface WorkerPortsOptions {
  readonly specsOf: SpecsOf;
  /** The workers' descriptors for them, and how they are bound. */
  readonly numbers: readonly number[];
  readonly request: Omit<ListenerRequest, 'to'>;
  /** How many slots there are to be. */
  readonly wanted: number;
  readonly seats: readonly Seat[];
  readonly inherited: readonly InheritedPorts[];
}

export function workerPorts(options: WorkerPortsOptions): WorkerPorts {
  const { specsOf, numbers, request, inherited } = options;
  let { wanted } = options;
  const open = new Map<number, readonly Listener[]>();
  for (const { slot, listeners } of inherited)
    open.set(
      slot,
      listeners.map((each) => listenerOf(each)),
    );
  const seats = new Map(options.seats.map(({ slot, pid }) => [pid, slot]));
  let all: readonly Listener[] | undefined;
  const close = (slot: number) => {
    for (const each of open.get(slot) ?? []) each[Symbol.dispose]();
    open.delete(slot);
    all = undefined;
  };
  const closeUnwanted = () => {
    const taken = new Set(seats.values());
    for (const slot of [...open.keys()]) if (slot >= wanted && !taken.has(slot)) close(slot);
  };
  const bySlot = () =>
    Array.from(open, ([slot, listeners]) => ({ slot, listeners })).sort((a, b) => a.slot - b.slot);
  return {
    of: (slot) => {
      const found = open.get(slot);
      if (found !== undefined) return found;
      const listeners = opened(specsOf(slot), numbers, request);
      open.set(slot, listeners);
      all = undefined;
      return listeners;
    },
    spawned: (slot, pid) => void seats.set(pid, slot),
    onEvent: (event) => {
      if (event.event === 'scaled') wanted = event.to;
      else if (event.event === 'worker-died' || event.event === 'worker-failed-to-start')
        seats.delete(event.pid);
      else return;
      closeUnwanted();
    },
    all: () => {
      all ??= bySlot().flatMap(({ listeners }) => listeners);
      return all;
    },
    forSuccessor: bySlot,
    [Symbol.dispose]: () => {
      for (const slot of [...open.keys()]) close(slot);
    },
  };
}

function opened(
  specs: readonly InternetSpec[],
  numbers: readonly number[],
  request: Omit<ListenerRequest, 'to'>,
): Listener[] {
  const listeners: Listener[] = [];
  try {
    for (const [index, spec] of specs.entries())
      listeners.push(openInternetListener(spec, { ...request, to: numbers[index] ?? 0 }));
    return listeners;
  } catch (error) {
    for (const each of listeners) each[Symbol.dispose]();
    throw error;
  }
}

/** The very same objects for the same slot. Throws StartupError where a port is too high. */
export type SpecsOf = (slot: number) => readonly InternetSpec[];

export function slotSpecs(ports: readonly InternetSpec[]): SpecsOf {
  const known = new Map<number, readonly InternetSpec[]>();
  return (slot) => {
    const specs = known.get(slot) ?? ports.map((spec) => specOf(spec, slot));
    known.set(slot, specs);
    return specs;
  };
}

function specOf(spec: InternetSpec, slot: number): InternetSpec {
  const port = spec.port + slot;
  if (port > MAX_PORT) {
    throw new StartupError(
      `${spec.option}: worker ${slot} would have port ${port}, and a port is at most ${MAX_PORT}`,
    );
  }
  const name = spec.name.replace(/\d+$/, String(port));
  return { ...spec, port, name, option: slot === 0 ? spec.option : `${spec.option}, for worker ${slot}` };
}
