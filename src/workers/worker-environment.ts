// The environment of a worker: the caller's, over it what the options export, over that the envdir and the names of the
// sockets; and on top what is its generation's own. And where it runs.

import { toBytes } from '../posix/libc/bytes.ts';
import type { Strings } from '../posix/libc/string-vector.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';
import { environmentBytes } from '../posix/process/environment-strings.ts';
import { type FdEntry, serverStarterPort } from '../sockets/fd-table.ts';
import type { Place } from '../superdaemon/host.ts';

export interface WorkerEnvironment {
  /** Where it runs; undefined: where we do. */
  readonly directory: string | undefined;
  /** The very same object for as long as nothing in it changes. */
  readonly lasting: Environment;
  /** Counts where both have a name. */
  readonly own: Environment;
}

type Variables = Omit<WorkerEnvironment, 'directory'>;

export interface GenerationVariables {
  readonly generation: number;
  /** In a pool. */
  readonly place?: Place | undefined;
  /** Seconds; undefined without auto restart. */
  readonly autoRestartInterval: number | undefined;
  /** What it is to tell its readiness by. */
  readonly readiness?: Environment | undefined;
}

export function generationsOwn(variables: GenerationVariables): Environment {
  const { generation, place, autoRestartInterval, readiness } = variables;
  const own = new Map<string, string>();
  own.set('SERVER_STARTER_GENERATION', String(generation));
  if (place !== undefined) {
    own.set('SERVER_STARTER_WORKER', String(place.worker));
    own.set('SERVER_STARTER_WORKERS', String(place.workers));
  }
  readiness?.forEach((value, name) => void own.set(name, value));
  // The reference lets its default show from the second generation on; a worker can see it.
  if (autoRestartInterval !== undefined && generation > 1) {
    own.set('AUTO_RESTART_INTERVAL', String(autoRestartInterval));
  }
  return own;
}

/** For a worker that has sockets beside those of all: `its`. */
export function withSockets(
  own: Environment,
  { common, its }: { common: readonly FdEntry[]; its: readonly FdEntry[] },
): Environment {
  return new Map([
    ...own,
    ['SERVER_STARTER_PORT', serverStarterPort([...common, ...its])],
    ['SERVER_STARTER_OWN', its.map(({ to }) => to).join(',')],
  ]);
}

export function wholeOf({ lasting, own }: Variables): Map<string, string> {
  return new Map([...lasting, ...own]);
}

/** Returns what puts the environments of one generation after the other into bytes. */
export function generationStrings(caller?: EnvironmentOfCaller): (environment: Variables) => Strings {
  let last: (Variables & { readonly strings: Buffer }) | undefined;
  return ({ lasting, own }) => {
    if (last?.lasting !== lasting || !haveSameNames(last.own, own)) {
      // Of two that have the same name it would be up to the worker which one it sees.
      const others = [...lasting].filter(([name]) => !own.has(name));
      const strings = [environmentBytes(new Map(others)), ...stillThere(new Map(others), caller)];
      last = { lasting, own, strings: Buffer.concat(strings) };
    }
    const strings: string[] = [];
    own.forEach((value, name) => void strings.push(`${name}=${value}`));
    return { lasting: last.strings, own: strings };
  };
}

type EnvironmentOfCaller = Pick<Caller, 'environment' | 'otherEntries'>;

/** A second entry of a name goes with the first: what we set, or take out, has no other value. */
function stillThere(environment: Environment, caller: EnvironmentOfCaller | undefined): Buffer[] {
  const isThere = (entry: string) => {
    const name = entry.slice(0, Math.max(0, entry.indexOf('=')));
    return (
      !entry.includes('=') ||
      (environment.has(name) && environment.get(name) === caller?.environment.get(name))
    );
  };
  return (caller?.otherEntries ?? []).filter(isThere).map((entry) => toBytes(`${entry}\0`));
}

function haveSameNames(some: Environment, others: Environment): boolean {
  for (const name of some.keys()) if (!others.has(name)) return false;
  return some.size === others.size;
}
