// A line of a client: understood as a whole or not at all; and what was understood says the same when it is said again.

import { deepStrictEqual, ok } from 'node:assert/strict';
import {
  asksAgain,
  parseCommandLine,
  parseNames,
  parseRequest,
  parseRevision,
  parseScaling,
  stageAfter,
} from '../../../src/control/parse-request.ts';
import { lineOf, PROTOCOL, type Request } from '../../../src/control/protocol.ts';
import type { Event } from '../../../src/superdaemon/host.ts';
import { parseState, stateText } from '../../../src/upgrade/state-text.ts';
import { wholeState } from '../../support/whole-state.ts';

export const words = [
  ...[
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '"protocol":1',
    '"request":',
    '"watch"',
    '"events"',
    '"deploy"',
    '"cancel"',
  ],
  ...[
    '"scale"',
    '"upgrade"',
    '"reconfigure"',
    '"status"',
    '"scaling":',
    '"to":',
    '"by":',
    '"names":',
    '"hup"',
  ],
  ...[
    '"revision":',
    '"again":',
    'true',
    '"commandLine":',
    '"words":',
    '"directory":',
    '"/"',
    '"--"',
    '1e999',
    '-1',
  ],
];

export function fuzz(input: Buffer): void {
  const line = input.toString('utf8');
  const asked = understood(line);
  const { request, scaling, names, commandLine } = asked;
  if (scaling !== undefined) ok(Object.values(scaling).every(Number.isInteger));
  ok(names?.every((name) => typeof name === 'string') ?? true);
  ok(commandLine?.words.every((word) => !word.includes('\0')) ?? true);
  if (request === undefined) deepStrictEqual(stageAfter(request, line), 'leaving');
  const again = lineOf({ protocol: PROTOCOL, ...asked } as Request);
  ok(/^[\x20-\x7e]*\n$/.test(again));
  // By their texts: 0 and -0 are the same.
  const told = { protocol: PROTOCOL, ...understood(again.slice(0, -1)) } as Request;
  if (request !== undefined) deepStrictEqual(lineOf(told), again);
  if (scaling !== undefined) survivesUpgrade({ kind: 'scale', request: 1, scaling });
  if (commandLine !== undefined) survivesUpgrade({ kind: 'reconfigure', request: 1, ...commandLine });
}

/** What has not been taken up yet is handed over. */
function survivesUpgrade(event: Event): void {
  const { events } = parseState(stateText({ ...wholeState, events: [event] }));
  deepStrictEqual(JSON.stringify(events), JSON.stringify([event]));
}

/** Without what was not asked for. */
function understood(line: string): Partial<Request> {
  const parts = {
    request: parseRequest(line),
    scaling: parseScaling(line),
    names: parseNames(line),
    commandLine: parseCommandLine(line),
    revision: parseRevision(line),
    again: asksAgain(line) || undefined,
  };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}
