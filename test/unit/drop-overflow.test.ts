import { execa } from 'execa';
import { expect, it } from 'vitest';
import { dropOverflow } from '../../src/files/drop-overflow.ts';
import { closeQuietly } from '../../src/posix/file/descriptor.ts';
import { pipe } from '../../src/posix/file/pipe.ts';

const MEGABYTES = 2;
/** In large blocks: the pipe is full again before anybody else can look. */
const quickWriter = `for my $n (1 .. ${MEGABYTES}) { syswrite STDOUT, join "", map { sprintf "%d %03d\\n", $n, $_ % 1000 } 0 .. 174761 }`;
const slowReader = `my $sum = 0; while (my $got = sysread STDIN, my $block, 65536) { $sum += $got; select undef, undef, undef, 0.08 } print $sum`;
const bytes = MEGABYTES * 174_762 * 6;

it.skipIf(process.platform !== 'linux')(
  'a reader that is slow, but reads, loses nothing, however long its pipe is full',
  async () => {
    const ends = pipe();
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    const overflow = dropOverflow(ends, { patienceMs: () => 500, warn });
    const reader = execa('perl', ['-e', slowReader], { stdin: anyNumber(ends.read) });
    await execa('perl', ['-e', quickWriter], { stdout: anyNumber(ends.write) });
    // The reader comes to the end when nobody has the other one.
    overflow[Symbol.dispose]();
    closeQuietly(ends.write);
    closeQuietly(ends.read);
    expect((await reader).stdout).toBe(String(bytes));
    expect(warnings).toEqual([]);
  },
);

/** Execa takes any descriptor, but its types know only the small numbers. */
function anyNumber(descriptor: number): 9 {
  return descriptor as 9;
}
