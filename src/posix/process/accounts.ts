// User and group names → numbers, through the C library and so through NSS: LDAP and the like included.

import { toBytes } from '../libc/bytes.ts';
import { getgrnam, getpwnam, readUint32 } from '../libc/libc.ts';
import { groupsOf, type Passwd, passwd } from '../libc/libc-accounts.ts';

/** Behind pw_name and pw_passwd, or gr_name and gr_passwd. */
const ID_OFFSET = 16;

/** uid_t has 32 bits, and the highest of them, -1, leaves a file's owner as it is. */
const HIGHEST = 0xffff_fffe;

/** A user's uid, by name or number; undefined for a name that nobody has. */
export function userId(text: string): number | undefined {
  return id(text, getpwnam);
}

/** A group's gid, by name or number. */
export function groupId(text: string): number | undefined {
  return id(text, getgrnam);
}

/** The account of a user, by name or number; undefined: there is none. */
export function account(text: string): Passwd | undefined {
  return passwd(isNumber(text) ? Number(text) : named(text));
}

/** The groups that a user of this name has, whose own is this one. */
export function supplementaryGroups({ name }: Passwd, gid: number): readonly number[] {
  return groupsOf(named(name), gid);
}

function id(text: string, lookUp: typeof getpwnam): number | undefined {
  if (isNumber(text)) return Number(text) <= HIGHEST ? Number(text) : undefined;
  const entry = lookUp(named(text));
  return entry === null ? undefined : readUint32(entry, ID_OFFSET);
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

function named(text: string): Buffer {
  return Buffer.concat([toBytes(text), Buffer.alloc(1)]);
}
