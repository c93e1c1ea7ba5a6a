import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StartupError } from '../../src/startup-error.ts';
import { descriptorsOf, parseState, requireOpen, stateText } from '../../src/upgrade/state-text.ts';
import { STATE_FORMAT, type UpgradeState } from '../../src/upgrade/upgrade-state.ts';
import { placesIn, withAt } from '../support/json-places.ts';
import { wholeState as state } from '../support/whole-state.ts';

const nothingOpened: UpgradeState = {
  ...state,
  pidFile: undefined,
  listeners: [],
  workerPorts: [],
  logCommand: undefined,
  streams: undefined,
  readiness: undefined,
  earlier: [],
  watches: new Map(),
  orphans: [],
  mains: [],
  left: [],
  trees: [],
  control: undefined,
  hooks: undefined,
};

const text = stateText(state);

/** The same, where what may be absent is there, and the other way round. */
const others: UpgradeState = {
  ...state,
  caller: { ...state.caller, program: '/usr/bin/start-server' },
  events: [
    { kind: 'checked', generation: 4, refusal: 'check exited with status 1' },
    { kind: 'death', pid: 33, status: undefined },
    { kind: 'death', pid: 34, status: 2304 },
    { kind: 'forsaken' },
    { kind: 'tried', trial: 1, refusal: 'it says nothing' },
  ],
  pidFile: undefined,
  listeners: state.listeners.map((each) => ({ ...each, fdName: 'web', file: undefined })),
  logCommand: { read: 22, write: 23, stdout: 24, stderr: 25, pid: 46 },
  readiness: undefined,
  earlier: state.earlier.map((each) => ({ ...each, readiness: undefined })),
  watches: new Map([[44, { pipe: undefined, socket: undefined, status: undefined }]]),
  mains: [{ worker: 44, pid: 47, fd: 34, told: undefined }],
  control: undefined,
  status: {
    workers: state.status.workers.map((each) => {
      return { ...each, directory: undefined, status: undefined, main: undefined, earlier: undefined };
    }),
    failure: undefined,
    exits: { ...state.status.exits, going: new Map() },
    deploys: { ...state.status.deploys, last: undefined, begunAt: undefined },
  },
};

describe('what is handed over', () => {
  it('is taken over as it was, to the last byte', () => {
    const { format, version, ...taken } = parseState(text);
    expect(taken).toEqual(state);
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    const { format: _format, version: _version, ...alsoTaken } = parseState(stateText(others));
    expect(alsoTaken).toEqual(others);
  });

  it('names every descriptor that has to stay open', () => {
    expect([...descriptorsOf(state)].sort((a, b) => a - b)).toEqual([
      0, 1, 2, 7, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 41, 42, 43, 44, 51, 52, 53,
      61, 62,
    ]);
  });

  it('is refused when a descriptor of it is closed, and the refusal says which', () => {
    const withLeftOpen = (...descriptors: number[]): UpgradeState => ({
      ...nothingOpened,
      caller: { ...state.caller, descriptors },
    });
    expect(() => requireOpen(withLeftOpen(2, 1_000_000))).toThrow(
      'descriptors that it would need are closed: 1000000',
    );
    expect(() => requireOpen(withLeftOpen(2))).not.toThrow();
  });

  it('is refused when it comes from a version with another format, older or newer', () => {
    for (const other of [0, STATE_FORMAT - 1, STATE_FORMAT + 1, 77]) {
      const theirs = text
        .replace(`"format":${STATE_FORMAT}`, `"format":${other}`)
        .replace(/"version":"[^"]*"/, '"version":"9.9"');
      expect(() => parseState(theirs)).toThrow(
        `cannot take over: version 9.9 writes its state in format ${other}, we read ${STATE_FORMAT} only`,
      );
    }
  });

  it('is refused when a field is not what it should be, and the refusal says which', () => {
    const broken = text.replace('"pid":44,"phase":{"name":"started"}', '"pid":-4,"phase":{"name":"started"}');
    expect(() => parseState(broken)).toThrow(/^cannot take over: table\.workers\.1\.pid: /);
    expect(() => parseState('')).toThrow('cannot take over: ');
    expect(() => parseState('null')).toThrow('cannot take over: ');
  });

  it('is refused, never half taken over, when any part of the text is missing', () => {
    const truncated = fc.property(fc.nat(text.length - 1), (length) => {
      expect(() => parseState(text.slice(0, length))).toThrow('cannot take over: ');
    });
    fc.assert(truncated);
    const value = JSON.parse(text) as Record<string, unknown>;
    for (const key of Object.keys(value)) {
      const { [key]: _, ...rest } = value;
      expect(() => parseState(JSON.stringify(rest)), key).toThrow('cannot take over: ');
    }
  });

  it('is refused in words, or understood to the last field, whatever stands in any place of it', () => {
    const places = placesIn(JSON.parse(text));
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...ODD));
    const property = fc.property(fc.constantFrom(...places), anything, (place, value) => {
      const changed = JSON.stringify(withAt(JSON.parse(text), place, value));
      const taken = takenFrom(changed);
      if (taken === undefined) return;
      expect(descriptorsOf(taken).every(Number.isInteger)).toBe(true);
      expect(parseState(stateText(taken))).toEqual(taken);
    });
    fc.assert(property, { numRuns: 2000, seed: 7_919 });
  });
});

/** What a JSON text may hold, and means something to us or to nobody. */
const ODD = [
  { map: [1] },
  { map: [[[], []]] },
  { map: {} },
  { number: '∞' },
  { number: '-∞' },
  JSON.parse('{"__proto__":{"kind":"death"}}'),
  -1,
  0.5,
  1e300,
  2 ** 53,
  '',
  '\ud800',
  [[]],
];

/** undefined: it is refused, in a line. */
function takenFrom(changed: string): UpgradeState | undefined {
  try {
    return parseState(changed);
  } catch (error) {
    if (error instanceof StartupError && /^cannot take over: [^\n]*$/.test(error.message)) return undefined;
    throw error;
  }
}
