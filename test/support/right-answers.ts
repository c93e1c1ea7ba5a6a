import { expect } from 'vitest';
import { slotsHeldTwice } from './held-twice.ts';
import type { Request } from './history.ts';
import { livesIn } from './lives.ts';
import { isReference } from './program.ts';
import type { Told } from './told.ts';
import { wrongAnswers } from './wrong-answers.ts';

interface Teller {
  /** Of a superdaemon that has been `recorded`. */
  readonly told: () => readonly Told[];
}

interface Asked {
  readonly requests: () => readonly Request[];
}

/**
 * Expects that each answer came from a worker that could have given it, as the superdaemon tells of its workers: from nobody who had
 * not been started yet, nor from who had gone before the request began, whether retired, rolled back or dead.
 */
export function expectRightAnswers({ told }: Teller, loads: readonly Asked[]): void {
  const requests = loads.flatMap((load) => load.requests());
  const answers = requests.filter(({ answerer }) => answerer !== undefined).length;
  expect(answers).toBeGreaterThan(0);
  // It does not say when.
  if (isReference) return;
  const lives = livesIn(told());
  expect(slotsHeldTwice(told())).toEqual([]);
  const wrong = wrongAnswers(requests, lives);
  expect(wrong.slice(0, 10), `${wrong.length} of ${answers} answers, the first: ${wrong[0]}`).toEqual([]);
  process.stdout.write(`${answers} answers of ${lives.length} workers are who they should be\n`);
}
