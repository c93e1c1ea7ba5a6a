// posix_spawn(3), for where clone-spawn.ts does not know the machine. It returns only when the child has executed.

import { keepingLast } from '../libc/keeping-last.ts';
import { listen, memory } from '../libc/libc.ts';
import {
  fileActionsAddChdir,
  fileActionsAddDup2,
  fileActionsDestroy,
  fileActionsInit,
  posixSpawn as libcPosixSpawn,
  spawnAttributesDestroy,
  spawnAttributesInit,
  spawnAttributesSetFlags,
  spawnAttributesSetSigDefault,
  spawnAttributesSetSigMask,
} from '../libc/libc-spawn.ts';
import { platform } from '../libc/platform.ts';
import { cStrings, stringVector } from '../libc/string-vector.ts';
import { SystemError, systemError } from '../libc/system-error.ts';
import { withOpenFilesLimit } from './open-files.ts';
import { signalSet } from './signals.ts';
import { type Spawn, type SpawnTemplate, terminated } from './spawn.ts';

/** Laid out in C's memory, for as long as the spawn is referred to. */
export function posixSpawn(template: SpawnTemplate): Spawn {
  const actions = fileActions(template);
  const attributes = spawnAttributes(template);
  const limited = withOpenFilesLimit(template.openFilesLimit);
  const pid = memory(4);
  const pathOf = keepingLast((file: Buffer) => terminated([file]));
  const argumentsOf = keepingLast((argv: readonly Buffer[]) => cStrings(terminated(argv)));
  const environmentOf = stringVector();
  const spawn: Spawn = ({ file, argv, env }) => {
    const [path, arguments_, environment] = [pathOf(file), argumentsOf(argv), environmentOf(env)];
    for (const { fd, backlog } of template.queues ?? []) listen(fd, backlog);
    limited(() => check(libcPosixSpawn(pid, path, actions, attributes, arguments_, environment)));
    return pid.readInt32LE();
  };
  forgotten.register(spawn, { actions, attributes });
  return spawn;
}

const forgotten = new FinalizationRegistry<{ readonly actions: Buffer; readonly attributes: Buffer }>(
  ({ actions, attributes }) => {
    fileActionsDestroy(actions);
    spawnAttributesDestroy(attributes);
  },
);

function fileActions({ directory, descriptors }: SpawnTemplate): Buffer {
  const actions = memory(platform.spawnStructBytes);
  check(fileActionsInit(actions));
  if (directory !== undefined) check(addChdir(actions, terminated([directory])));
  for (const { from, to } of descriptors) check(fileActionsAddDup2(actions, from, to));
  return actions;
}

/** glibc has it since 2.29. */
function addChdir(actions: Buffer, directory: Buffer): number {
  try {
    return fileActionsAddChdir(actions, directory);
  } catch (cause) {
    throw new SystemError('posix_spawn', 'ENOSYS', 'needs glibc 2.29 or later', { cause });
  }
}

function spawnAttributes({ defaultSignals, blockedSignals, newSession }: SpawnTemplate): Buffer {
  const attributes = memory(platform.spawnStructBytes);
  const session = newSession ? platform.POSIX_SPAWN_SETSID : 0;
  check(spawnAttributesInit(attributes));
  check(spawnAttributesSetSigDefault(attributes, signalSet(defaultSignals)));
  check(spawnAttributesSetSigMask(attributes, signalSet(blockedSignals)));
  check(
    spawnAttributesSetFlags(
      attributes,
      platform.POSIX_SPAWN_SETSIGDEF | platform.POSIX_SPAWN_SETSIGMASK | session,
    ),
  );
  return attributes;
}

function check(errno: number): void {
  if (errno !== 0) throw systemError('posix_spawn', errno);
}
