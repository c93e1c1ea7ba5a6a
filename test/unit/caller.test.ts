import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOR_NODE, forOurNode } from '../../src/posix/process/for-our-node.ts';
import { type AnotherProcess, anotherProcess, type Run } from './another-process.ts';

let other: AnotherProcess;
beforeAll(async () => {
  other = await anotherProcess('posix/process/caller.ts');
});
afterAll(() => other[Symbol.dispose]());

const SHOW = `
const { environment, ...caller } = ours.readCaller();
const { NODE_PATH, ...variables } = Object.fromEntries(environment);
console.log(JSON.stringify({ ...caller, environment: variables }));`;

function read(note: string | undefined, run: Run = {}) {
  const environment = { ...run.environment, ...(note === undefined ? {} : { START_SERVER_CALLER: note }) };
  const { stdout, stderr } = other.run(SHOW, { ...run, environment });
  if (stdout.length === 0) throw new Error(stderr.toString());
  return JSON.parse(stdout.toString());
}

const base64 = (...entries: string[]) =>
  Buffer.from(entries.map((entry) => `${entry}\0`).join('')).toString('base64');

describe('the launcher’s note about the caller', () => {
  it('gives the limit of open files and the signals, by their bits', () => {
    const caller = read('256 0000000000004001 8000000000001000 ,0,1,2  ');
    expect(caller).toMatchObject({
      openFilesLimit: 256,
      blockedSignals: [1, 15],
      ignoredSignals: [13, 64],
    });
  });

  it('leaves out the signals that its shell ignores for itself', () => {
    const caller = read('256 0 0000000000001006-4 ,0,1,2  ');
    expect(caller.ignoredSignals).toEqual([2, 13]);
  });

  it('gives the environment, which then rules, and does not show itself', () => {
    const note = `256 0 0 ,0,1,2  ${base64('A=1', 'B=x=y\nz', 'EMPTY=', 'nonsense')}`;
    expect(read(note, { environment: { C: 'lost' } }).environment).toEqual({
      A: '1',
      B: 'x=y\nz',
      EMPTY: '',
    });
  });

  it('gives all of it: of two of one name the first counts, and what is no variable stands beside', () => {
    const note = `256 0 0 ,0,1,2  ${base64('A=1', 'nameless', 'A=2', '=C:=x')}`;
    expect(read(note)).toMatchObject({
      environment: { A: '1', '': 'C:=x' },
      otherEntries: ['nameless', 'A=2'],
    });
  });

  it('may be wrapped in lines, as base64(1) does', () => {
    const text = base64(`LONG=${'x'.repeat(500)}`).replace(/.{76}/g, '$&\n');
    expect(read(`256 0 0 ,0,1,2  ${text}`).environment).toEqual({ LONG: 'x'.repeat(500) });
  });

  it('may leave the environment out', () => {
    expect(read('256 0 0 ,0,1,2  ', { environment: { C: 'kept' } }).environment).toEqual({ C: 'kept' });
  });

  it.each([undefined, '', 'nonsense', 'unlimited zz zz'])('may be %j: then what is left is read', (note) => {
    const caller = read(note, { environment: { C: 'kept' } });
    expect(caller).toMatchObject({ environment: { C: 'kept' }, blockedSignals: [], ignoredSignals: [] });
    expect(caller.openFilesLimit).toBeGreaterThan(0);
    expect(caller.launcher).toBeUndefined();
  });
});

describe('what the caller says to Node', () => {
  it('is taken from ours by the launcher as by us', () => {
    const launcher = readFileSync(new URL('../../bin/start-server', import.meta.url), 'utf8');
    const [, names = ''] = /\|\| unset ((?:\w+(?: \\\n)?\s+)+)\[/.exec(launcher) ?? [];
    expect(
      names
        .split(/[\s\\]+/)
        .filter(Boolean)
        .sort(),
    ).toEqual([...FOR_NODE].sort());
  });

  it('is what START_SERVER_NODE_OPTIONS says in the place of NODE_OPTIONS', () => {
    const environment = new Map([
      ['NODE_OPTIONS', '--theirs'],
      ['START_SERVER_NODE_OPTIONS', '--ours'],
      ['A', '1'],
    ]);
    expect(forOurNode(environment)).toEqual(new Map([...environment, ['NODE_OPTIONS', '--ours']]));
    expect(forOurNode(new Map([['NODE_OPTIONS', '--theirs']]))).toEqual(new Map());
  });
});

describe('without a note', () => {
  it('what the caller left open is told from what Node has opened', () => {
    const through = ['sh', '-c', 'exec 7</etc/passwd 8</dev/null; exec "$@"', 'sh'] as const;
    const { descriptors } = read(undefined, { through });
    // Our own caller may have left more open.
    expect(descriptors).toContain(7);
    const ofNode = `${SHOW} const { readlinkSync } = require('node:fs');
      console.log(ours.readCaller().descriptors.map((fd) => readlinkSync('/proc/self/fd/' + fd)).join('\\n'));`;
    expect(other.run(ofNode, { through }).stdout.toString()).not.toMatch(/anon_inode:|^\/dev\/null$/m);
  });
});
