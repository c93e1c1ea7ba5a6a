// What a child of clone(2) finds, laid out in memory: the calls that it makes, the limits and the stack.

import { keepingLast } from '../libc/keeping-last.ts';
import { memory } from '../libc/libc.ts';
import { type Child, childOf } from '../libc/libc-clone.ts';
import { platform } from '../libc/platform.ts';
import { cStrings, stringVector } from '../libc/string-vector.ts';
import { type CallList, type CallName, callList, type Machine, type SystemCall } from './call-list.ts';
import { openFilesLimit, withSoft } from './open-files.ts';
import { privilegeCalls, scoreCalls } from './privilege-calls.ts';
import { ownOpenFilesLimit } from './privileges.ts';
import { signalNumber, signalSet } from './signals.ts';
import { type Program, type SpawnTemplate, terminated } from './spawn.ts';

export interface Native {
  readonly machine: Machine;
  /** Where its code lies. */
  readonly code: bigint;
}

/** All that a child needs, in use until it has executed: what nobody refers to may be anybody's memory by then. */
export interface ChildMemory {
  readonly list: CallList;
  readonly calls: readonly Named[];
  readonly child: Child;
  readonly fill: (program: Program) => void;
}

interface Named extends SystemCall {
  readonly name: CallName;
}

/** The code needs none of it, the C library's clone some words. */
const STACK_BYTES = 4096;

export function layOut(template: SpawnTemplate, { machine, code }: Native): ChildMemory {
  const { privileges } = template;
  const limits = ownOpenFilesLimit(privileges) === undefined ? softLimit(template.openFilesLimit) : undefined;
  const named = (name: CallName, ...args: SystemCall['args']): Named => ({
    name,
    number: machine.calls[name],
    args,
  });
  const calls = [...preparation(template, limits, named), named('execve')];
  const list = callList(calls);
  const pathOf = keepingLast(terminatedBlock);
  const argumentsOf = keepingLast((words: readonly Buffer[]) => cStrings(terminated(words)));
  const environmentOf = stringVector();
  const pointed: Buffer[] = [];
  return {
    list,
    calls,
    child: childOf({
      ...{ code, stack: memory(STACK_BYTES), argument: list.block, futex: machine.calls.futex },
      holdsUs: privileges?.oomScoreAdj !== undefined,
    }),
    fill: ({ file, argv, env }) => {
      for (const [place, block] of [pathOf(file), argumentsOf(argv), environmentOf(env)].entries()) {
        if (pointed[place] !== block) list.point(calls.length - 1, place, block);
        pointed[place] = block;
      }
      limits?.refresh();
    },
  };
}

const SIGSET = 8;
const SIG_SETMASK = 2;
const AT_FDCWD = -100;
const X_OK = 1;
/** struct sigaction of the kernel, all zero: the default action. */
const DEFAULT = memory(32);

/** The mask last: no handler of ours stands any more. */
function* preparation(
  template: SpawnTemplate,
  limits: SoftLimit | undefined,
  call: (name: CallName, ...args: SystemCall['args']) => Named,
): Generator<Named> {
  const { defaultSignals, blockedSignals, directory, descriptors, queues = [], newSession } = template;
  const { privileges, tried } = template;
  for (const signal of defaultSignals.filter((each) => !UNCHANGEABLE.includes(each))) {
    yield call('rt_sigaction', signal, DEFAULT, 0, SIGSET);
  }
  if (newSession) yield call('setsid');
  if (privileges !== undefined) yield* scoreCalls(privileges, call);
  // By the child: to us each call costs ten times as much.
  for (const { fd, backlog } of queues) yield call('listen', fd, backlog);
  for (const { from, to } of descriptors) {
    yield from === to ? call('fcntl', from, platform.F_SETFD, 0) : call('dup3', from, to, 0);
  }
  if (limits !== undefined) yield call('prlimit64', 0, platform.RLIMIT_NOFILE, limits.block, 0);
  if (privileges !== undefined) yield* privilegeCalls(privileges, call);
  // As the user that it is by now.
  if (directory !== undefined) yield call('chdir', terminatedBlock(directory));
  if (tried !== undefined) yield call('faccessat', AT_FDCWD, terminatedBlock(tried), X_OK);
  yield call('rt_sigprocmask', SIG_SETMASK, signalSet(blockedSignals), 0, SIGSET);
}

const UNCHANGEABLE = (['SIGKILL', 'SIGSTOP'] as const).map(signalNumber);

/** Outside V8's heap, where it stays. */
function terminatedBlock(path: Buffer): Buffer {
  const block = memory(path.length + 1);
  path.copy(block);
  return block;
}

interface SoftLimit {
  /** struct rlimit. */
  readonly block: Buffer;
  /** The hard one may have been lowered. */
  readonly refresh: () => void;
}

/** Our own soft limit stays high: Node has more descriptors open than a low one allows. undefined: it is the one asked for. */
function softLimit(soft: number): SoftLimit | undefined {
  if (soft >= openFilesLimit()) return undefined;
  const block = memory(16);
  return { block, refresh: () => withSoft(soft).copy(block) };
}
