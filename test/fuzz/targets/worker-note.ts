// The note of the workers: it says what was written, or nothing; and what it says is written again as it was.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { noteText, parseNote } from '../../../src/recovery/note-text.ts';

export const words = [
  ...[
    'start-server 1\n',
    'boot x\n',
    'superdaemon 1 2\n',
    'worker 1 2 3\n',
    'worker 1 2 3 0\n',
    'main 2 3 4\n',
  ],
  ...['port tcp 80 81\n', 'port udp ', ' ', '\n', '999999999999999', '0', '01'],
];

export function fuzz(input: Buffer): void {
  const note = parseNote(input.toString('latin1'));
  if (note === undefined) return;
  const processes = [note.superdaemon, ...note.workers, ...note.mains];
  ok(
    processes.every(
      ({ pid, startTime }) => pid > 0 && startTime > 0 && Number.isSafeInteger(pid + startTime),
    ),
  );
  ok(note.ports.every(({ port }) => Number.isInteger(port) && port > 0));
  const text = noteText(note);
  deepStrictEqual(parseNote(text), note);
  deepStrictEqual(noteText(parseNote(text) ?? note), text);
}
