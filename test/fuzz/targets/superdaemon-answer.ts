// What a client makes of a superdaemon that is broken, or lies: its answer to --status, changed by lines `PLACE=JSON`, and the
// events in the lines that begin with a brace. Shown, or refused in a line; nothing that it says controls a terminal.

import { ok } from 'node:assert/strict';
import { deployView } from '../../../src/client/deploy-view.ts';
import { scaleView } from '../../../src/client/scale-view.ts';
import { statusTable } from '../../../src/client/status-table.ts';
import { understood } from '../../../src/client/understood.ts';
import { parseHello } from '../../../src/control/parse-hello.ts';
import { parseEvent } from '../../../src/control/protocol.ts';
import { reportOfHello } from '../../../src/control/report-status.ts';
import { jsonFormat } from '../../../src/files/json-format.ts';
import { metricsOfHello } from '../../../src/metrics/report-metrics.ts';
import { printable, printableJson } from '../../../src/printable.ts';
import { eventNames } from '../../../src/superdaemon/log-level.ts';
import { logLine } from '../../../src/superdaemon/log-line.ts';
import { withLines } from '../../support/json-places.ts';
import { orRefused } from '../../support/parsing.ts';
import { soundHello } from '../../support/sound-hello.ts';

const sound = JSON.parse(soundHello) as Record<string, unknown>;
const REFUSED = 'cannot be understood: ';
const CONTROLS = /[^\P{Cc}\n]/u;

export const words = [
  ...Object.keys(sound).map((name) => `${name}=`),
  ...['workers.0.', 'deploys.', 'last.', 'failure.', 'sockets.0.', 'exits.', 'results.', 'left.0.'],
  ...[
    'phase=',
    'status=',
    'ageMs=',
    'since=',
    'at=',
    'queue=',
    'command=',
    'null',
    '1e999',
    '-1',
    '"\\u001b"',
    '{}',
  ],
  ...[
    '{"event":"',
    '"}\n',
    '"pid":',
    '"generation":',
    '"leaving":[',
    '"oldPids":[',
    '"left":[',
    '"status":',
    '"time":',
  ],
  ...['"deploy":', '"request":1', '"workers":', '"signal":"SIGTERM"', '"reason":"', ',', ']', '}', '\n'],
  ...eventNames,
];

export function fuzz(input: Buffer): void {
  const lines = input.toString('utf8').split('\n');
  orRefused(REFUSED, () => showStatus(JSON.stringify(withLines(sound, lines))));
  const views = [deployView({ request: 1, waitOld: true, left: [] }), scaleView(1)];
  const format = jsonFormat(7);
  for (const line of lines.filter((each) => each.startsWith('{'))) {
    const { time = 0, ...event } = parseEvent(line) ?? {};
    if (!('event' in event)) continue;
    orRefused(REFUSED, () =>
      understood(event, () => {
        const text = logLine(event);
        if (text !== undefined) ok(!CONTROLS.test(printable(text)));
        ok(!CONTROLS.test(format(event, time) ?? ''));
        for (const view of views) {
          view.take(event);
          ok(typeof view.describe() === 'string');
          view.result();
        }
      }),
    );
  }
}

function showStatus(line: string): void {
  const hello = parseHello(line);
  if (hello === undefined) return;
  const report = reportOfHello(hello, 7);
  ok(!CONTROLS.test(statusTable(report, { colour: false })));
  ok(!CONTROLS.test(printableJson(JSON.stringify(report))));
  const metrics = metricsOfHello(hello, 7, 'app.pid');
  ok(!/ (?:undefined|NaN|null)$/m.test(metrics ?? ''), metrics);
}
