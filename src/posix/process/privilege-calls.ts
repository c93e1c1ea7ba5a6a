// The calls by which a child of ours becomes what it is to be, in an order in which none takes from it what the next one needs.

import { openSync } from 'node:fs';
import { memory } from '../libc/libc.ts';
import { once } from '../libc/once.ts';
import type { CallName, SystemCall } from './call-list.ts';
import { isOurUser, type Privileges, type ResourceLimit, type User } from './privileges.ts';

export type MakeCall<Call> = (name: CallName, ...args: SystemCall['args']) => Call;

/**
 * Before it has any of its descriptors. Only in a child of CLONE_VFORK: in one that merely shares our memory the kernel would
 * change our own score, too.
 */
export function* scoreCalls<Call>({ oomScoreAdj }: Privileges, call: MakeCall<Call>): Generator<Call> {
  if (oomScoreAdj === undefined) return;
  const [text, spare] = [block(String(oomScoreAdj)), spareDescriptor()];
  // An opened file gets the lowest number that is free, which so is 0.
  yield call('dup3', 0, spare, O_CLOEXEC);
  yield call('close', 0);
  yield call('openat', 0, block('/proc/self/oom_score_adj\0'), O_WRONLY);
  yield call('write', 0, text, text.length);
  yield call('dup3', spare, 0, 0);
}

/** Once it has them, for their numbers may be above its limit. */
export function* privilegeCalls<Call>(privileges: Privileges, call: MakeCall<Call>): Generator<Call> {
  const { user, umask, nice, limits } = privileges;
  if (nice !== undefined) yield call('setpriority', PRIO_PROCESS, 0, nice);
  for (const limit of limits) yield call('prlimit64', 0, limit.resource, rlimit(limit), 0);
  if (umask !== undefined) yield call('umask', umask);
  if (user !== undefined) yield* userCalls(user, call);
}

function* userCalls<Call>(user: User, call: MakeCall<Call>): Generator<Call> {
  const { uid, gid, groups } = user;
  // Whom we are anyway we may remain without being allowed to become anybody else.
  if (!isOurUser(user)) {
    yield call('setgroups', groups.length, numbers(groups));
    yield call('setresgid', gid, gid, gid);
    yield call('setresuid', uid, uid, uid);
  }
  // Ambient and inheritable capabilities outlast a change from one user to another; root gets its own back by execve.
  yield call('capset', capabilityHeader(), memory(CAPABILITY_SETS));
}

/** One that changes what a process may. */
export function isPrivilegeCall(name: string | undefined): boolean {
  return name !== undefined && CHANGES.has(name);
}

const CHANGES: ReadonlySet<string> = new Set<CallName>([
  ...(['openat', 'write', 'setpriority', 'prlimit64'] as const),
  ...(['umask', 'setgroups', 'setresgid', 'setresuid', 'capset'] as const),
]);

const O_WRONLY = 1;
const O_CLOEXEC = 0o2000000;
const PRIO_PROCESS = 0;
/** Effective, permitted, inheritable, twice 32 of each. */
const CAPABILITY_SETS = 24;
const LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;

/** A number that no worker is to have, for a moment of its life. */
const spareDescriptor = once(() => openSync('/dev/null', 'r'));

function capabilityHeader(): Buffer {
  const header = memory(8);
  header.writeUInt32LE(LINUX_CAPABILITY_VERSION_3);
  return header;
}

function rlimit({ soft, hard }: ResourceLimit): Buffer {
  const limits = memory(16);
  limits.writeBigUInt64LE(soft);
  limits.writeBigUInt64LE(hard, 8);
  return limits;
}

function numbers(values: readonly number[]): Buffer {
  const list = memory(Math.max(1, values.length) * 4);
  values.forEach((value, place) => void list.writeUInt32LE(value, place * 4));
  return list;
}

function block(text: string): Buffer {
  const bytes = memory(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
