import type { StartOptions } from '../command-line/start-options.ts';
import { readEnvdir } from '../files/envdir.ts';
import { reason } from '../posix/libc/system-error.ts';
import type { Caller, Environment } from '../posix/process/caller.ts';

/** The environment for the next attempt: what the caller gave, what the options export, what the envdir says now. */
export interface EnvironmentSource {
  /** The very same object for as long as nothing in it changes. */
  read(warn: (message: string) => void): Environment;
  /** What the envdir held when it was last read. */
  last(): Environment;
  /** The environment with what the envdir held once. */
  with(envdir: Environment): Environment;
}

/** An envdir that cannot be read is no reason to stop serving: what it held last stands in for it. */
export function environmentSource(
  { exported }: StartOptions,
  caller: Caller,
  inherited: Environment = new Map(),
): EnvironmentSource {
  const base: Environment = new Map([...caller.environment, ...exported]);
  // The option's, or the caller's: the reference takes either.
  const envdir = base.get('ENVDIR');
  if (envdir === undefined || envdir === '')
    return { read: () => base, last: () => inherited, with: () => base };
  let last = inherited;
  let environment: Environment | undefined;
  const read: EnvironmentSource['read'] = (warn) => {
    try {
      const found = readEnvdir(envdir, warn);
      if (!isSame(found, last)) environment = undefined;
      last = found;
    } catch (error) {
      warn(`envdir ${envdir}: cannot read, its last contents stand: ${reason(error)}`);
    }
    environment ??= new Map([...base, ...last]);
    return environment;
  };
  return { read, last: () => last, with: (envdir) => new Map([...base, ...envdir]) };
}

function isSame(some: Environment, others: Environment): boolean {
  return some.size === others.size && [...some].every(([name, value]) => others.get(name) === value);
}
