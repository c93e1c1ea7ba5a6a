import { constants, openSync, readSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openLog } from '../../src/files/log.ts';
import { eventually } from '../support/eventually.ts';
import { fullPipe } from '../support/full-pipe.ts';
import { tempDir } from '../support/temp-dir.ts';

const LINES = 30_000;
const line = (number: number) => `${String(number).padStart(99, '0')}\n`;

it('a log whose reader has stalled keeps its first megabyte, in order, and says how much it had to drop', async () => {
  using dir = tempDir();
  using _full = await fullPipe(dir.join('pipe'));
  const reader = openSync(dir.join('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
  const log = openLog(openSync(dir.join('pipe'), 'w'), (entry) => ('message' in entry ? entry.message : ''));
  for (let number = 0; number < LINES; number += 1) {
    log.write([{ event: { event: 'warning', message: line(number).trimEnd() }, at: 0 }]);
  }
  {
    using held = log.hold();
    expect(held.text().length).toBeLessThanOrEqual(1 << 20);
  }
  let text = '';
  await eventually(() => {
    text += readAll(reader);
    expect(text).toMatch(/\nnobody read the log, lines that had to be dropped: \d+\n$/);
  });
  const dropped = Number(/\d+\n$/.exec(text)?.[0]);
  const kept = Array.from({ length: LINES - dropped }, (_, number) => line(number)).join('');
  expect(text.slice(text.indexOf('0'))).toBe(
    `${kept}nobody read the log, lines that had to be dropped: ${dropped}\n`,
  );
  expect(await log.flush()).toBe(true);
});

/** All that is there at the moment. */
function readAll(fd: number): string {
  const block = Buffer.alloc(65_536);
  let text = '';
  try {
    for (;;) text += block.toString('latin1', 0, readSync(fd, block));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return text;
}
