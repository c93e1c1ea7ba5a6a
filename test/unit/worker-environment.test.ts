import { describe, expect, it } from 'vitest';
import { generationStrings, generationsOwn } from '../../src/workers/worker-environment.ts';

const lasting = new Map([
  ['HOME', '/'],
  ['AUTO_RESTART_INTERVAL', '0'],
  ['SERVER_STARTER_GENERATION', '41'],
]);
const own = (generation: number) => generationsOwn({ generation, autoRestartInterval: 360 });

describe('the environments of one generation after the other', () => {
  it('name nothing twice: what is a generation’s own counts', () => {
    const stringsOf = generationStrings();
    const first = stringsOf({ lasting, own: own(1) });
    expect(first.lasting.toString()).toBe('HOME=/\0AUTO_RESTART_INTERVAL=0\0');
    expect(first.own).toEqual(['SERVER_STARTER_GENERATION=1']);
    const second = stringsOf({ lasting, own: own(2) });
    expect(second.lasting.toString()).toBe('HOME=/\0');
    expect(second.own).toEqual(['SERVER_STARTER_GENERATION=2', 'AUTO_RESTART_INTERVAL=360']);
  });

  it('keep what stands beside the variables of the caller, as long as it is not of one that we set', () => {
    const environment = new Map([...lasting, ['LANG', 'C']]);
    const otherEntries = ['nameless', 'HOME=/root', 'LANG=de', 'GONE=1', 'SERVER_STARTER_GENERATION=7'];
    const stringsOf = generationStrings({ environment, otherEntries });
    const { lasting: bytes } = stringsOf({ lasting: new Map([...environment, ['LANG', 'fr']]), own: own(2) });
    expect(bytes.toString()).toBe('HOME=/\0LANG=fr\0nameless\0HOME=/root\0');
  });

  it('share what lasts, until that is another one', () => {
    const stringsOf = generationStrings();
    const second = stringsOf({ lasting, own: own(2) });
    expect(stringsOf({ lasting, own: own(3) }).lasting).toBe(second.lasting);
    const changed = new Map([...lasting, ['HOME', '/home']]);
    expect(stringsOf({ lasting: changed, own: own(4) }).lasting.toString()).toBe('HOME=/home\0');
  });
});
