// Whose an exclusive flock(2) is, by the kernel's word: /proc/locks, which shows the locks of our own pid namespace and of
// those inside of it, each with the process that has taken it.

import { fstatSync, readFileSync } from 'node:fs';
import { errorCode } from '../libc/system-error.ts';

/** undefined: nobody's, or nobody's whom we can see. Throws Error when no file can be opened. */
export function lockHolder(fd: number): number | undefined {
  const file = kernelNameOf(fd);
  // `1: FLOCK  ADVISORY  WRITE 4711 fe:00:2220911 0 EOF`; one that waits has an arrow in front.
  const held = /^\d+: FLOCK +ADVISORY +WRITE +(\d+) ([\da-f]+:[\da-f]+:\d+) /gm;
  for (const [, pid, name] of read('/proc/locks').matchAll(held)) if (name === file) return Number(pid);
  return undefined;
}

/**
 * `MAJOR:MINOR:INODE`, the first two in hexadecimal. stat(2) may tell another device (btrfs, overlayfs) or inode (FUSE), so
 * that its mount's and the open file's own are taken where the kernel tells them.
 */
function kernelNameOf(fd: number): string {
  const info = read(`/proc/self/fdinfo/${fd}`);
  const mount = /^mnt_id:\s*(\d+)$/m.exec(info)?.[1];
  const inode = /^ino:\s*(\d+)$/m.exec(info)?.[1] ?? fstatSync(fd, { bigint: true }).ino;
  const [major, minor] = (mount && deviceOfMount(mount)) || deviceOf(fd);
  return `${hexadecimal(major)}:${hexadecimal(minor)}:${inode}`;
}

function deviceOfMount(mount: string): Device | undefined {
  const line = new RegExp(`^${mount} \\d+ (\\d+):(\\d+) `, 'm').exec(read('/proc/self/mountinfo'));
  return line === null ? undefined : [Number(line[1]), Number(line[2])];
}

type Device = readonly [major: number, minor: number];

/** makedev(3), the other way round. */
function deviceOf(fd: number): Device {
  const { dev } = fstatSync(fd, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return [Number(major), Number(minor)];
}

function hexadecimal(number: number): string {
  return number.toString(16).padStart(2, '0');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    // No descriptor is left: that is no answer.
    if (errorCode(error) === 'EMFILE' || errorCode(error) === 'ENFILE') throw error;
    return '';
  }
}
