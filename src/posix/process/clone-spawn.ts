// A child by clone(2) that shares our memory until it executes, as vfork(2)'s does; but we do not stand still meanwhile. A
// program that lies on a disk which hangs holds up its own worker alone. And it is the quickest way there is.

import { syscall } from '../libc/libc.ts';
import {
  blockSignals,
  type Child,
  cloneChild,
  executable,
  hasExecuted,
  waitForExec,
} from '../libc/libc-clone.ts';
import { systemError } from '../libc/system-error.ts';
import { machines } from './call-list.ts';
import { type ChildMemory, layOut } from './child-memory.ts';
import type { Spawn, SpawnTemplate } from './spawn.ts';
import { reapEnding } from './wait.ts';

/** undefined where it is not known how. */
export function cloneSpawn(template: SpawnTemplate): Spawn | undefined {
  const machine = process.platform === 'linux' ? machines[process.arch] : undefined;
  const code = machine && executable(machine.code);
  if (machine === undefined || code === undefined) return undefined;
  let childMemory = layOut(template, { machine, code });
  const dumpable = template.privileges?.user && dumpability(machine.calls.prctl);
  return (program) => {
    const { list, calls, child, fill } = childMemory;
    fill(program);
    const { pid, isBorn } = bear(child);
    if (!isBorn) {
      // It is on its way, and reads what lies there: the next one is born elsewhere.
      unfinished.push(childMemory);
      childMemory = layOut(template, { machine, code });
    } else if (unfinished.length > 0) forgetFinished();
    if (template.privileges?.user !== undefined && unfinished.length === 0) dumpable?.restore();
    const failure = list.failure();
    if (failure === undefined) return pid;
    reapEnding(pid);
    throw systemError(calls[failure.index]?.name ?? 'clone', failure.errno);
  };
}

/**
 * A child that becomes another user makes our memory, which it shares, one that is not dumped: nobody of that user is to look at it.
 * Returns what takes that back, once no child shares it any more.
 */
function dumpability(prctl: number): { readonly restore: () => void } {
  const before = syscall(prctl, PR_GET_DUMPABLE);
  return { restore: () => before === 1 && void syscall(prctl, PR_SET_DUMPABLE, before, 0, 0, 0) };
}

const [PR_GET_DUMPABLE, PR_SET_DUMPABLE] = [3, 4];

const unfinished: ChildMemory[] = [];

function forgetFinished(): void {
  for (const each of [...unfinished]) {
    if (hasExecuted(each.child)) unfinished.splice(unfinished.indexOf(each), 1);
  }
}

/** A handler of ours must not run in the child, whose memory is ours. Where both share a processor, it runs when we sleep. */
function bear(child: Child): { readonly pid: number; readonly isBorn: boolean } {
  using _blocked = blockSignals();
  return { pid: cloneChild(child), isBorn: waitForExec(child) };
}
