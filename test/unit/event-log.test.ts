import { expect, it } from 'vitest';
import type { StartOptions } from '../../src/command-line/start-options.ts';
import { openEventLog } from '../../src/host/event-log.ts';
import { systemError } from '../../src/posix/libc/system-error.ts';

const EMFILE = 24;

it('an event reaches everybody else though one who hears of it fails, and the log says why', async () => {
  const { log, subscribe } = await openEventLog({ logFormat: 'text' } as StartOptions, undefined);
  // Nothing is written while it is held.
  const held = log.hold();
  const heard: string[] = [];
  subscribe(() => {
    throw systemError('pipe', EMFILE);
  });
  subscribe(({ event }) => void heard.push(event));
  log.write({ event: 'log-reopened' });
  log.write({ event: 'exiting' });
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  expect(heard).toEqual(['log-reopened', 'exiting']);
  expect(held.text().match(/^warning: the system refuses pipe: too many open files$/gm)).toHaveLength(2);
});
