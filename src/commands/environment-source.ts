import { readEnvdir } from '../files/envdir.ts';
import type { StartOptions } from '../invocation.ts';
import type { Caller, Environment } from '../posix/caller.ts';
import { reason } from '../posix/system-error.ts';

/** The environment for the next attempt: what the caller gave, what the options export, what the envdir says now. */
export type EnvironmentSource = (warn: (message: string) => void) => Environment;

/** An envdir that cannot be read is no reason to stop serving: what it held last stands in for it. */
export function environmentSource({ exported }: StartOptions, caller: Caller): EnvironmentSource {
  const base: Environment = new Map([...caller.environment, ...exported]);
  // The option's, or the caller's: the reference takes either.
  const envdir = base.get('ENVDIR');
  if (envdir === undefined || envdir === '') return () => base;
  let last: Environment = new Map();
  return (warn) => {
    try {
      last = readEnvdir(envdir, warn);
    } catch (error) {
      warn(`envdir ${envdir}: cannot read, its last contents stand: ${reason(error)}`);
    }
    return new Map([...base, ...last]);
  };
}
