// The values of the options by which workers, and all that is run for them, may do less than the superdaemon. An empty one is
// refused, unlike a file's: a script whose variable is not set would run them with more than was meant.

import { account, groupId, supplementaryGroups, userId } from '../posix/process/accounts.ts';
import {
  type Privileges,
  type ResourceLimit,
  resources,
  UNLIMITED,
  type User,
} from '../posix/process/privileges.ts';
import { StartupError } from '../startup-error.ts';
import { nearestName } from './nearest-name.ts';

/** A user as it was asked for, and the variables that go with it. */
export interface NamedUser extends User {
  readonly text: string;
  readonly name: string;
  readonly home: string;
}

export interface NamedLimit extends ResourceLimit {
  readonly text: string;
  readonly name: string;
}

/** With the words in which they were asked for. */
export interface AskedPrivileges extends Privileges {
  readonly user: NamedUser | undefined;
  readonly limits: readonly NamedLimit[];
}

/** `user` or `user:group`, names or numbers. */
export function parseUser(text: string, option: string): NamedUser {
  const [user = '', group, ...others] = text.split(':');
  if (user === '' || group === '' || others.length > 0)
    throw new StartupError(`${option}: not user or user:group`);
  const uid = userId(user);
  const found = account(user);
  if (uid === undefined) throw new StartupError(`${option}: no such user`);
  const gid = group === undefined ? found?.gid : groupId(group);
  if (gid === undefined) {
    const why =
      group === undefined ? `user ${user} has no account, and so no group: name one` : 'no such group';
    throw new StartupError(`${option}: ${why}`);
  }
  const groups = found === undefined ? [gid] : supplementaryGroups(found, gid);
  return { text, uid, gid, groups, name: found?.name ?? user, home: found?.home ?? '/' };
}

export function parseUmask(text: string, option: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) throw new StartupError(`${option}: not an octal mask such as 0027`);
  return Number.parseInt(text, 8);
}

export function parseNice(text: string, option: string): number {
  return between(text, option, [-20, 19]);
}

export function parseOomScoreAdj(text: string, option: string): number {
  return between(text, option, [-1000, 1000]);
}

function between(text: string, option: string, [least, most]: readonly [number, number]): number {
  const value = /^[+-]?\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new StartupError(`${option}: not a whole number from ${least} to ${most}`);
}

/** `name=soft` or `name=soft:hard`; without a hard one it is both. */
export function parseLimit(text: string, option: string): NamedLimit {
  const {
    name = '',
    soft = '',
    hard = soft,
  } = /^(?<name>[^=]*)=(?<soft>[^:]*)(?::(?<hard>.*))?$/s.exec(text)?.groups ?? {};
  if (soft === '') throw new StartupError(`${option}: not name=soft or name=soft:hard`);
  const resource = resources.get(name);
  if (resource === undefined) throw noLimit(option, name);
  const limit = { text, name, resource, soft: amount(soft, option), hard: amount(hard, option) };
  if (limit.soft <= limit.hard) return limit;
  throw new StartupError(`${option}: the soft limit is above the hard one`);
}

function noLimit(option: string, name: string): StartupError {
  const names = [...resources.keys()];
  const nearest = nearestName(name, names);
  return new StartupError(
    `${option}: no limit ${name}, ${nearest === undefined ? `there are ${names.join(', ')}` : `${nearest} is one`}`,
  );
}

function amount(text: string, option: string): bigint {
  if (text === 'unlimited' || text === 'infinity') return UNLIMITED;
  const value = /^\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value !== undefined) return value;
  throw new StartupError(`${option}: ${text} is neither a whole number nor unlimited`);
}
