// Whether a user may enter a directory, and whether nobody else can put anything in the place of what is ours in it.

import { chmodSync, chownSync, mkdirSync, realpathSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedTo } from '../../src/posix/file/closed-to.ts';
import { trustedPath } from '../../src/posix/file/trusted-path.ts';
import { tempDir } from '../support/temp-dir.ts';

const isRoot = process.geteuid?.() === 0;

function made(mode: number, owner?: { readonly uid: number; readonly gid: number }) {
  const dir = tempDir();
  chmodSync(dir.path, 0o755);
  const path = dir.join('it');
  mkdirSync(path);
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
  return { path: realpathSync(path), [Symbol.dispose]: () => dir[Symbol.dispose]() };
}

describe.skipIf(!isRoot)('the way to a directory', () => {
  const [USER, GROUP] = [54_321, 54_322];
  it.each([
    ['is open to its owner by the owner’s bit', 0o100, USER, false],
    ['is closed to him by it, whatever others may', 0o011, USER, true],
    ['is open to its group by the group’s bit', 0o010, 0, false],
    ['is closed to that by it', 0o101, 0, true],
  ])('%s', (_what, mode, uid, isClosed) => {
    using dir = made(mode, { uid, gid: GROUP });
    expect(closedTo({ uid: USER, gid: 1, groups: [GROUP] }, dir.path)).toBe(isClosed ? dir.path : undefined);
  });

  it('is open to others by the others’ bit, and to root in any case', () => {
    using open = made(0o001, { uid: 0, gid: 0 });
    using closed = made(0o110, { uid: 0, gid: 0 });
    const user = { uid: USER, gid: USER, groups: [] };
    expect([closedTo(user, open.path), closedTo(user, closed.path)]).toEqual([undefined, closed.path]);
    expect(closedTo({ uid: 0, gid: 0, groups: [] }, closed.path)).toBeUndefined();
  });
});

describe('a directory', () => {
  it.each([
    [0o755, true],
    [0o1777, true],
    [0o777, false],
    [0o775, false],
  ])('of mode %o is trusted or not: %s', (mode, isTrusted) => {
    using dir = made(mode);
    const look = () => trustedPath(dir.path, { renamable: false });
    if (isTrusted) expect(look()).toBe(dir.path);
    else expect(look).toThrow('others can write to');
    expect(trustedPath(dir.path, { renamable: true })).toBe(dir.path);
  });
});
