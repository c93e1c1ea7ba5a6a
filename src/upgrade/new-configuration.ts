// What another command line is to find when its time comes: the sockets that it names, those that are open already and those
// that are bound for it now, before there is no way back. The ones that we have stay as they are: it gets copies of their
// descriptors, at the places that its workers want.

import type { StartOptions } from '../command-line/start-options.ts';
import { openFilesOf } from '../host/open-files-of.ts';
import { makeRoom } from '../posix/file/descriptor.ts';
import { copyOf, isCallers } from '../sockets/copy-listener.ts';
import { chooseNumbers } from '../sockets/fd-table.ts';
import type { InheritedListener, Listener } from '../sockets/listener.ts';
import { matchKept } from '../sockets/match-kept.ts';
import { openListener } from '../sockets/open-listener.ts';
import { ownSockets } from '../sockets/orphaned-sockets.ts';
import { resolve } from '../sockets/resolve.ts';
import type { InternetSpec, SocketSpec } from '../sockets/socket-spec.ts';
import { slotSpecs, type WorkerPorts } from '../sockets/worker-ports.ts';
import type { Reconfiguration } from '../superdaemon/reconfiguration.ts';
import { firstNumber, wantsBlocking } from '../workers/server-adapter.ts';
import { type Opened, reconfiguredState } from './reconfigured-state.ts';
import { type RunningOptions, tryOptions } from './try-options.ts';
import type { UpgradeState } from './upgrade-state.ts';

export interface Running extends RunningOptions {
  readonly listeners: readonly Listener[];
  readonly workerPorts: Pick<WorkerPorts, 'all'>;
}

/** Until it is disposed of, by which what was bound for it is closed, and its files are removed. */
export interface NewConfiguration extends Disposable {
  /** The state for a successor that goes by it. */
  applyTo(state: UpgradeState): UpgradeState;
}

/** `wanted`: the slots that there are. Throws StartupError, and has bound nothing then. */
export async function openNewConfiguration(
  to: Reconfiguration,
  running: Running,
  wanted: number,
): Promise<NewConfiguration> {
  const options = tryOptions(to, running);
  const named = await namedBy(options, wanted);
  const { kept, callers } = keptOf(named, running);
  const opening = new Opening(running, options, kept);
  try {
    const opened = await opening.all({ ...named, common: [...named.common, ...callers] });
    const both = new Set(Array.from(kept.values(), ({ from }) => from));
    return {
      applyTo: (state) =>
        reconfiguredState(state, { to, isPool: options.workers !== undefined, both, ...opened }),
      [Symbol.dispose]: () => opening[Symbol.dispose](),
    };
  } catch (error) {
    opening[Symbol.dispose]();
    throw error;
  }
}

interface Named {
  readonly common: readonly SocketSpec[];
  /** By slot, what each worker has for itself. */
  readonly own: readonly (readonly InternetSpec[])[];
}

async function namedBy({ sockets, workers = 1, workerPorts }: StartOptions, wanted: number): Promise<Named> {
  const specsOf = slotSpecs(workerPorts);
  const own = Array.from({ length: Math.max(wanted, workers) }, (_, slot) => specsOf(slot));
  return { common: await resolve(sockets), own };
}

/** What is named again; and whatever a command line says, those stay that our caller has given us. */
function keptOf({ common, own }: Named, { listeners, workerPorts }: Running) {
  const found = matchKept([...common, ...own.flat()], [...listeners, ...workerPorts.all()]);
  const again = new Set(found.values());
  const others = listeners.filter((each) => isCallers(each) && !again.has(each));
  const kept = new Map<SocketSpec, Listener>([...found, ...others.map((each) => [each.spec, each] as const)]);
  return { kept, callers: others.map(({ spec }) => spec) };
}

class Opening implements Disposable {
  readonly #running: Running;
  readonly #options: StartOptions;
  readonly #kept: ReadonlyMap<SocketSpec, Listener>;
  readonly #opened: Disposable[] = [];

  constructor(running: Running, options: StartOptions, kept: ReadonlyMap<SocketSpec, Listener>) {
    this.#running = running;
    this.#options = options;
    this.#kept = kept;
  }

  /** Throws StartupError that names the option. */
  async all({ common, own }: Named): Promise<Opened> {
    const numbers = this.#numbers([...common, ...(own[0] ?? [])]);
    const targets = new Set(numbers);
    const listeners: InheritedListener[] = [];
    for (const [index, spec] of common.entries())
      listeners.push(await this.#open(spec, numbers[index] ?? 0, targets));
    const ownNumbers = numbers.slice(common.length);
    const workerPorts = own.map((): InheritedListener[] => []);
    for (const [slot, specs] of own.entries())
      for (const [index, spec] of specs.entries())
        workerPorts[slot]?.push(await this.#open(spec, ownNumbers[index] ?? 0, targets));
    return { listeners, workerPorts: workerPorts.map((each, slot) => ({ slot, listeners: each })) };
  }

  #numbers(specs: readonly SocketSpec[]): number[] {
    const { listenFds, server } = this.#options;
    const { caller } = this.#running;
    const limit = openFilesOf(this.#options, caller);
    const worker = {
      passedThrough: caller.descriptors,
      limit,
      consecutive: listenFds,
      first: firstNumber(server),
    };
    const numbers = chooseNumbers(specs, worker);
    if (numbers.length > 0) makeRoom(Math.max(...numbers));
    return numbers;
  }

  async #open(spec: SocketSpec, to: number, targets: ReadonlySet<number>): Promise<InheritedListener> {
    const { backlog, pathAccess, server } = this.#options;
    const request = {
      ...{ to, targets, backlog, pathAccess, blocking: wantsBlocking(server), warn: this.#running.warn },
      ...{ activated: [], orphaned: ownSockets(() => []) },
    };
    const ours = this.#kept.get(spec);
    const listener =
      ours === undefined
        ? await openListener({ spec, activated: undefined }, request)
        : copyOf(ours, spec, request);
    this.#opened.push(listener);
    return listener;
  }

  [Symbol.dispose](): void {
    for (const each of this.#opened.splice(0).reverse()) each[Symbol.dispose]();
  }
}
