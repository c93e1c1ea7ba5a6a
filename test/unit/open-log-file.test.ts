import { closeSync, constants, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openLogFile } from '../../src/files/open-log-file.ts';
import { tempDir } from '../support/temp-dir.ts';

it.skipIf(process.platform !== 'linux')(
  'a log is appended to, and who writes to it may wait: workers share it',
  () => {
    using dir = tempDir();
    const fd = openLogFile(dir.join('log'));
    try {
      const flags = Number.parseInt(
        /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '',
        8,
      );
      expect([flags & constants.O_APPEND, flags & constants.O_NONBLOCK]).toEqual([constants.O_APPEND, 0]);
    } finally {
      closeSync(fd);
    }
  },
);
