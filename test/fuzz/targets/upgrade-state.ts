// The state that a predecessor hands over: the text itself, or, where it begins with no brace, lines `PLACE=JSON` that change a
// sound one. It is understood to the last field, or refused in a line; and what was understood is handed on as it was.

import { deepStrictEqual, ok } from 'node:assert/strict';
import { optionsBefore, optionsOf } from '../../../src/upgrade/options-of.ts';
import { descriptorsOf, parseState, stateText } from '../../../src/upgrade/state-text.ts';
import { withLines } from '../../support/json-places.ts';
import { orRefused } from '../../support/parsing.ts';
import { wholeState } from '../../support/whole-state.ts';

const sound = JSON.parse(stateText(wholeState)) as Record<string, unknown>;

export const words = [
  ...Object.keys(sound).map((name) => `${name}.`),
  ...Object.keys(sound.table as object).map((name) => `table.${name}.`),
  ...[
    '=null',
    '=-1',
    '=0.5',
    '=1e999',
    '=""',
    '=[]',
    '={}',
    '={"map":[]}',
    '={"map":[[1,2]]}',
    '={"number":"∞"}',
  ],
  ...[
    '0.',
    '1.',
    'pid',
    'fd',
    'kind',
    'name',
    'phase.',
    'listeners.0.spec.',
    '="--port=80"',
    '__proto__.',
    '\n',
  ],
];

export function fuzz(input: Buffer): void {
  const given = input.toString('utf8');
  const text = given.startsWith('{') ? given : JSON.stringify(withLines(sound, given.split('\n')));
  const state = orRefused('cannot take over: ', () => oneLine(() => parseState(text)));
  if (state === undefined) return;
  ok(descriptorsOf(state).every((fd) => Number.isInteger(fd) && fd >= 0));
  const written = stateText(state);
  const again = parseState(written);
  deepStrictEqual(again, { ...state, version: again.version });
  deepStrictEqual(stateText(again), written);
  orRefused('', () => optionsOf(state.caller.words, state.caller.environment));
  orRefused('', () => optionsBefore(state));
}

function oneLine<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    ok(!String(error).includes('\n'), String(error));
    throw error;
  }
}
