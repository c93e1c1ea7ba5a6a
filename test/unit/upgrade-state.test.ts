import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBytes } from '../../src/posix/libc/bytes.ts';
import { StartupError } from '../../src/startup-error.ts';
import { NOT_RECYCLED } from '../../src/superdaemon/recycling.ts';
import { descriptorsOf, parseState, requireOpen, stateText } from '../../src/upgrade/state-text.ts';
import { STATE_FORMAT, type UpgradeState } from '../../src/upgrade/upgrade-state.ts';
import { EVERYDAY } from './scenario.ts';

const state: UpgradeState = {
  caller: {
    words: ['--port=80', '--', 'app', fromBytes(Buffer.from([0xff, 0xfe]))],
    environment: new Map([
      ['PATH', '/bin'],
      ['map', '{"map":[]}'],
    ]),
    otherEntries: ['nameless', 'PATH=/sbin'],
    openFilesLimit: 1024,
    blockedSignals: [],
    ignoredSignals: [13],
    descriptors: [7],
    program: undefined,
  },
  table: {
    policy: { ...EVERYDAY, autoRestartIntervalMs: undefined },
    workers: [
      {
        ordinal: 2,
        slot: 0,
        generation: 3,
        attempt: 3,
        pid: 33,
        phase: {
          ...{
            name: 'draining',
            signal: 'SIGKILL',
            started: true,
            killAt: Number.POSITIVE_INFINITY,
            killed: true,
            late: true,
          },
          resend: { signal: 'SIGKILL', at: 99.5, waitMs: 1000 },
        },
        heardAt: 77.5,
        startedAt: 70.5,
        recycling: { ...NOT_RECYCLED, reason: 'memory', bytes: 4096, tooLarge: 2 },
        outlived: { status: undefined, isReported: true },
      },
      {
        ordinal: 3,
        slot: 0,
        generation: 4,
        attempt: 4,
        pid: 44,
        phase: { name: 'started' },
        heardAt: undefined,
        startedAt: undefined,
        recycling: NOT_RECYCLED,
        outlived: undefined,
      },
    ],
    generation: 4,
    inherited: 2,
    attempts: 4,
    begun: 3,
    trials: 1,
    current: {
      ordinal: 3,
      generation: 4,
      frozen: { directory: '/srv/releases/4', envdir: new Map([['A', '1']]) },
    },
    rolled: [{ slot: 0, deploy: { ordinal: 2, generation: 3, frozen: undefined } }],
    rolling: [{ at: 5.5, slot: 1, ordinal: 3 }],
    candidate: undefined,
    again: false,
    check: { name: 'passed', generation: 4, slot: undefined },
    canary: { name: 'watched', attempt: 4, until: 77.5 },
    wanted: 1,
    target: 1,
    slots: [
      {
        lastAttemptAt: 123.5,
        lastRetryAt: Number.NEGATIVE_INFINITY,
        isRetry: true,
        failures: 0,
        reason: '',
      },
    ],
    behind: [],
    weighedAt: 60.5,
    announced: false,
    configurations: [
      { since: 1, isPool: false },
      { since: 3, isPool: true },
    ],
    retirements: [{ at: 200, before: 3 }],
  },
  events: [
    { kind: 'signal', signal: 'SIGHUP' },
    { kind: 'checked', generation: 4, refusal: undefined },
    { kind: 'request', request: 4 },
    { kind: 'cancel', request: 5 },
    { kind: 'reconfigure', request: 6, words: ['--', 'app'], directory: '/srv' },
    { kind: 'death', pid: 55, status: 0, left: [56] },
    { kind: 'tree-ended', pid: 33 },
  ],
  workerPorts: [
    {
      slot: 0,
      listeners: [
        {
          spec: {
            kind: 'tcp',
            family: 'ipv4',
            host: '127.0.0.1',
            port: 9100,
            fd: undefined,
            name: '127.0.0.1:9100',
            option: '--worker-port=9100',
          },
          name: '127.0.0.1:9100',
          fdName: undefined,
          file: undefined,
          backlog: 5,
          from: 43,
          to: 4,
        },
      ],
    },
  ],
  pidFile: { fd: 20, file: '1:2:3' },
  listeners: [
    {
      spec: { kind: 'unix', path: '/s', fd: undefined, name: '/s', option: '--path=/s' },
      name: '/s',
      fdName: undefined,
      file: '4:5:6',
      backlog: 128,
      from: 21,
      to: 3,
    },
  ],
  streams: { stdout: 61, stderr: 62 },
  logCommand: { read: 22, write: 23, stdout: 24, stderr: 25, pid: undefined },
  readiness: { slot: { from: 26, to: 4, nothing: 27 }, directory: { fd: 34, path: '/tmp/x' } },
  earlier: [
    {
      since: 1,
      words: ['--', 'old'],
      listeners: [
        {
          spec: { kind: 'unix', path: '/o', fd: undefined, name: '/o', option: '--path=/o' },
          name: '/o',
          fdName: undefined,
          file: '4:5:7',
          backlog: 128,
          from: 51,
          to: 3,
        },
      ],
      workerPorts: [],
      readiness: { slot: { from: 52, to: 4, nothing: 53 }, directory: undefined },
    },
  ],
  watches: new Map([
    [44, { pipe: { read: 28, text: 'READ' }, socket: { fd: 29, path: '/tmp/x/4' }, status: 'half' }],
  ]),
  orphans: [{ pid: 33, fd: 32 }],
  mains: [{ worker: 44, pid: 47, fd: 35, told: 'SIGTERM' }],
  left: [{ generation: 2, leftBy: 22, pid: 23, command: 'app', fd: 33 }],
  trees: [
    {
      ...{ generation: 3, worker: undefined, pid: 33, mark: '1.2.3', isAdopted: false, told: 'SIGTERM' },
      members: [{ pid: 34, fd: 44, command: 'app --worker' }],
    },
  ],
  control: {
    fd: 30,
    requests: 5,
    clients: [
      { fd: 31, number: 5, stage: 'listening', received: 'x', unsent: '{"', feed: undefined },
      {
        fd: 41,
        number: 6,
        stage: 'listening',
        received: '',
        unsent: '',
        feed: { names: ['hup'], lost: 3 },
      },
      {
        fd: 42,
        number: 7,
        stage: 'listening',
        received: '',
        unsent: '',
        feed: { names: undefined, lost: 0 },
      },
    ],
  },
  status: {
    workers: [
      {
        generation: 4,
        worker: undefined,
        pid: 44,
        directory: '/srv/releases/4',
        phase: 'current',
        spawnedAt: 90,
        since: 1.5e12,
        status: 'warm',
        main: 47,
        recycling: 'age',
        earlier: true,
        outlived: true,
      },
    ],
    failure: { reason: 'worker 33 was ended by signal 9', at: 80.5, attempts: 2, nextAt: undefined },
    exits: {
      counted: { crash: 1, failed_start: 2, late: 3, hung: 6, retired: 4, killed: 5, recycled: 7 },
      going: new Map([[33, 'late']]),
    },
    deploys: {
      generation: 4,
      results: { succeeded: 1, failed: 2, superseded: 3 },
      durations: [0, 1],
      durationsMs: 700.5,
      last: { result: 'failed', at: 1.5e12, durationMs: 800, generation: 4, reason: 'gave up' },
      begunAt: 70,
    },
  },
  hooks: {
    running: { pid: 55, until: 95.5, command: 'mail', trigger: 'worker-died' },
    waiting: [{ command: 'mail', variables: new Map([['EVENT', 'exiting']]) }],
    dropped: 2,
  },
  log: 'half a line',
  envdir: new Map([['A', '1']]),
  stored: ['start-server/tcp/0.0.0.0/80'],
  unsent: [['READY=1', 'STATUS=serves']],
};

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

type Place = readonly (string | number)[];

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

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...entries.flatMap(([key, each]) => placesIn(each, [...at, key]))];
}

function withAt(value: unknown, [key, ...rest]: Place, planted: unknown): unknown {
  if (key === undefined) return planted;
  if (Array.isArray(value)) return value.with(Number(key), withAt(value[Number(key)], rest, planted));
  const fields = value as Record<string, unknown>;
  return { ...fields, [key]: withAt(fields[key], rest, planted) };
}

/** undefined: it is refused, in a line. */
function takenFrom(changed: string): UpgradeState | undefined {
  try {
    return parseState(changed);
  } catch (error) {
    if (error instanceof StartupError && /^cannot take over: [^\n]*$/.test(error.message)) return undefined;
    throw error;
  }
}
