// The posix_spawn family. A call of it answers an error number, 0 when all is well.

import { koffi } from './koffi.cjs';
import type { Call } from './libc.ts';

const c = koffi.load(null);

/** Bound when it is first called: where clone-spawn.ts does its work none of them is, and an old C library lacks the one. */
function numbered<Arguments extends readonly unknown[]>(prototype: string): Call<Arguments> {
  let call: Call<Arguments> | undefined;
  return (...args) => {
    call ??= c.func(prototype) as Call<Arguments>;
    return call(...args);
  };
}

export const posixSpawn = numbered<
  [pid: Buffer, path: Buffer, actions: Buffer, attributes: Buffer, argv: Buffer, envp: Buffer]
>('int posix_spawn(void *, void *, void *, void *, void *, void *)');
export const fileActionsDestroy = numbered<[actions: Buffer]>('int posix_spawn_file_actions_destroy(void *)');
export const fileActionsInit = numbered<[actions: Buffer]>('int posix_spawn_file_actions_init(void *)');
export const fileActionsAddDup2 = numbered<[actions: Buffer, from: number, to: number]>(
  'int posix_spawn_file_actions_adddup2(void *, int, int)',
);
export const fileActionsAddChdir = numbered<[actions: Buffer, path: Buffer]>(
  'int posix_spawn_file_actions_addchdir_np(void *, void *)',
);
export const spawnAttributesDestroy = numbered<[attributes: Buffer]>('int posix_spawnattr_destroy(void *)');
export const spawnAttributesInit = numbered<[attributes: Buffer]>('int posix_spawnattr_init(void *)');
export const spawnAttributesSetFlags = numbered<[attributes: Buffer, flags: number]>(
  'int posix_spawnattr_setflags(void *, int16_t)',
);
export const spawnAttributesSetSigDefault = numbered<[attributes: Buffer, signals: Buffer]>(
  'int posix_spawnattr_setsigdefault(void *, void *)',
);
export const spawnAttributesSetSigMask = numbered<[attributes: Buffer, signals: Buffer]>(
  'int posix_spawnattr_setsigmask(void *, void *)',
);
