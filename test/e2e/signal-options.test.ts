import { describe, expect, it } from 'vitest';
import { itOurs } from '../support/ours.ts';
import { workerPid } from '../support/pids.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

describe('HUP', () => {
  it.each([
    { option: [], name: 'TERM', said: 'TERM' },
    { option: ['--signal-on-hup=QUIT'], name: 'QUIT', said: 'QUIT' },
    { option: ['--signal-on-hup=sigusr1'], name: 'USR1', said: 'USR1' },
    { option: ['--signal-on-hup', '12'], name: 'USR2', said: '12' },
    { option: ['--signal-on-term=QUIT'], name: 'TERM', said: 'TERM' },
  ])('sends $name to the old worker with $option', async ({ option, name, said }) => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', ...option, '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { env: notes.env });
    const worker = await workerPid(superdaemon);
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await superdaemon.waitForLine(`new worker is now running, sending ${said} to old workers:${worker}`);
    await superdaemon.waitForLine(`old worker ${worker} died, status:0`);
    expect(notes.lines()).toContain(`1 ${name}`);
  });
});

describe('a signal that does not exist', () => {
  itOurs.each(['--signal-on-hup=NOSUCH', '--signal-on-term=BOGUS', '--signal-on-term=99'])(
    '%s is refused at the start',
    async (option) => {
      const result = await run([option, '--', ...actor]);
      expect(result.code).toBeGreaterThan(0);
      expect(result.stderr).toContain(option.split('=')[1]);
      expect(result.stderr).toContain(option.split('=')[0]);
      expect(result.leftBehind).toBe(0);
    },
  );
});
