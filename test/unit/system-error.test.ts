import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { errorCode, reason, refusedCall, systemError } from '../../src/posix/libc/system-error.ts';

describe('a failed system call', () => {
  it.each([
    'EAGAIN',
    'ECHILD',
    'ENOENT',
    'ESRCH',
    'EACCES',
    'ENOEXEC',
    'EADDRINUSE',
  ] as const)('is forgiven by the name %s', (name) => {
    const error = systemError('call', constants.errno[name]);
    expect(errorCode(error)).toBe(name);
    expect(error.syscall).toBe('call');
  });

  it('says in words what went wrong', () => {
    expect(reason(systemError('open', constants.errno.ENOENT))).toBe('no such file or directory');
    expect(reason(systemError('execve', constants.errno.ENOEXEC))).toContain('its interpreter');
    expect(reason(systemError('call', 9999))).toContain('9999');
    expect(reason(new Error('other'))).toBe('other');
    expect(reason('text')).toBe('text');
  });

  it('is told in a line, with the file that it was for', () => {
    expect(refusedCall(systemError('socket', constants.errno.EMFILE))).toBe('socket: too many open files');
    let error: unknown;
    try {
      readFileSync('/nowhere/at-all');
    } catch (thrown) {
      error = thrown;
    }
    expect(refusedCall(error)).toBe('open /nowhere/at-all: no such file or directory');
    expect(refusedCall(new TypeError('ours'))).toBeUndefined();
    expect(refusedCall('text')).toBeUndefined();
  });

  it('has no name when it was no system call', () => {
    expect(errorCode(new Error('other'))).toBeUndefined();
    expect(errorCode('ENOENT')).toBeUndefined();
  });
});
