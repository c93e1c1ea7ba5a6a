// The C library's lists of users and groups, and so those of NSS: LDAP and the like included. Bound when they are wanted.

import { koffi } from './koffi.cjs';
import { memory, readUint32 } from './libc.ts';
import { once } from './once.ts';

const c = koffi.load(null);

/** A struct passwd; null: there is none. It holds until the next look-up. */
type Entry = bigint | null;
const getpwnam = once(() => c.func('getpwnam', 'void *', ['void *']) as unknown as (name: Buffer) => Entry);
const getpwuid = once(() => c.func('getpwuid', 'void *', ['uint32_t']) as unknown as (uid: number) => Entry);
type GetGroupList = (name: Buffer, gid: number, groups: Buffer, count: Buffer) => number;
const getgrouplist = once(
  () => c.func('int getgrouplist(void *, uint32_t, void *, void *)') as unknown as GetGroupList,
);

export interface Passwd {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** By name, ended by NUL, or number. */
export function passwd(user: Buffer | number): Passwd | undefined {
  const entry = typeof user === 'number' ? getpwuid()(user) : getpwnam()(user);
  if (entry === null) return undefined;
  const { name, uid, gid, home } = OFFSETS;
  return {
    name: text(entry, name),
    uid: readUint32(entry, uid),
    gid: readUint32(entry, gid),
    home: text(entry, home),
  };
}

/** The groups of this user, with that one among them. */
export function groupsOf(name: Buffer, gid: number): number[] {
  const [groups, count] = [memory(NGROUPS_MAX * 4), memory(4)];
  count.writeInt32LE(NGROUPS_MAX);
  getgrouplist()(name, gid, groups, count);
  return Array.from({ length: count.readInt32LE() }, (_, place) => groups.readUInt32LE(place * 4));
}

/** struct passwd of Linux, 64 bits: pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir. */
const OFFSETS = { name: 0, uid: 16, gid: 20, home: 32 };
/** More the kernel takes from nobody. */
const NGROUPS_MAX = 65_536;

function text(entry: bigint, offset: number): string {
  return koffi.decode(entry, offset, 'char *') as string;
}
