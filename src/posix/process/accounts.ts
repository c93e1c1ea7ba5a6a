// User and group names → numbers, through the C library and so through NSS: LDAP and the like included.

import { toBytes } from '../libc/bytes.ts';
import { getgrnam, getpwnam, readUint32 } from '../libc/libc.ts';

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

function id(text: string, lookUp: typeof getpwnam): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) <= HIGHEST ? Number(text) : undefined;
  const entry = lookUp(Buffer.concat([toBytes(text), Buffer.alloc(1)]));
  return entry === null ? undefined : readUint32(entry, ID_OFFSET);
}
