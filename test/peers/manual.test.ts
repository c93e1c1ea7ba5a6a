import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describePeer } from '../support/peer.ts';

const page = fileURLToPath(new URL('../../dist/start-server.1', import.meta.url));

describePeer('the manual page', ['man', 'groff'], () => {
  it('is read by groff without a warning', () => {
    const { stdout, stderr, status } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou', '-ww', page], {
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^NAME$/m);
  });

  it('is shown by man, with its sections in their order', () => {
    const env = { ...process.env, MANPAGER: 'cat', MANWIDTH: '80', MAN_KEEP_FORMATTING: '' };
    const shown = execFileSync('man', ['--warnings', '-l', page], { env, encoding: 'utf8' });
    const sections = shown.split('\n').filter((line) => /^[A-Z ]+$/.test(line.trim()) && /^[A-Z]/.test(line));
    expect(sections).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'SIGNALS',
      'FILES',
      'EXIT STATUS',
      'ENVIRONMENT',
      'EXAMPLES',
      'SEE ALSO',
    ]);
  });
});
