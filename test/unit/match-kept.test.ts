import { symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { InheritedListener } from '../../src/sockets/listener.ts';
import { matchKept } from '../../src/sockets/match-kept.ts';
import { resolve } from '../../src/sockets/resolve.ts';
import { parsePath, parsePort } from '../../src/sockets/socket-spec.ts';
import { tempDir } from '../support/temp-dir.ts';

const specsOf = (options: readonly string[]) =>
  resolve(options.map((text) => (text.startsWith('/') ? parsePath(text) : parsePort(text))));

/** `name=descriptor`, or `name` where it is to be bound; the descriptors of what is open count from 10 up. */
async function matched(open: readonly string[], options: readonly string[]): Promise<string[]> {
  const listeners = (await specsOf(open)).map((spec, index): InheritedListener => {
    return { spec, name: spec.name, fdName: undefined, file: undefined, backlog: 5, from: 10 + index, to: 3 };
  });
  const specs = await specsOf(options);
  const kept = matchKept(specs, listeners);
  return specs.map((spec) => {
    const found = kept.get(spec);
    return found === undefined ? spec.name : `${spec.name}=${found.from}`;
  });
}

describe('a socket that is open', () => {
  it('serves the option of its address, wherever that stands now, and at whatever descriptor', async () => {
    const open = ['80', '127.0.0.1:80', '[::1]:80', '/a'];
    expect(await matched(open, ['/a', '[0:0::1]:80', '81', '80=7', '127.1:80'])).toEqual([
      '/a=13',
      '[0:0::1]:80=12',
      '81',
      '80=10',
      '127.1:80=11',
    ]);
  });

  it('serves no option of another kind, another address, another port', async () => {
    expect(await matched(['80', '/a'], ['u80', '127.0.0.1:80', '81', '[::]:80', '/b'])).toEqual([
      '80',
      '127.0.0.1:80',
      '81',
      '[::]:80',
      '/b',
    ]);
  });

  it('serves one option at most: a second one of the same address is refused when it is bound', async () => {
    expect(await matched(['80'], ['80', '80'])).toEqual(['80=10', '80']);
  });

  it('is found by another way to its file', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('a'), '');
    symlinkSync(dir.path, dir.join('link'));
    expect(await matched([dir.join('a')], [dir.join('link/a')])).toEqual([`${dir.join('link/a')}=10`]);
  });

  it('whose port the kernel has chosen stays, where that is asked for again', async () => {
    expect(await matched(['0', '127.0.0.1:0'], ['127.0.0.1:0', '0'])).toEqual(['127.0.0.1:0=11', '0=10']);
  });
});
