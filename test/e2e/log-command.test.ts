import { readFileSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import {
  asOrdinaryUser,
  giveToOrdinaryUser,
  ordinaryUserCanRun,
  setSoftLimit,
} from '../support/ordinary-user.ts';
import { describeOurs, skipsFixes } from '../support/ours.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { transcript } from '../support/transcript.ts';
import { actor } from '../support/workers.ts';

const lines = 1_000;

/** Writes that many numbered lines as fast as it can; notes in the file `trouble` what came of it. */
const writer = [
  'perl',
  '-e',
  `my $failed = 0; $SIG{PIPE} = sub { $failed++ };
  for my $n (1 .. ${lines}) { my $line = "line $n\\n"; syswrite(STDOUT, $line) == length $line or $failed++ }
  open my $file, '>', 'trouble'; syswrite $file, "$failed failed\\n"; sleep 1000`,
];

/** Writes more than a pipe holds, and notes in the file `written` that it could. */
const flood = `perl -e '$| = 1; printf "%0999d\\n", $_ for 1 .. 300'; echo written >> written`;

/** Copies a line at a time to the file `log`, and ends after so many of them. */
const dyingAfter = (count: number) =>
  `--log-file=| n=0; while [ $n -lt ${count} ] && IFS= read -r line; do echo "$line" >> log; n=$((n+1)); done`;

/** Ends at once the first time; the second time the pipe is full already, and it takes longer to begin than between two looks at that. */
const slowAfterOne = 'test -e once || { : > once; exit 3; }; sleep 1.5; exec cat >> log';

describeOurs.concurrent('a log command', () => {
  it('that dies under load is started again: no line is lost, no worker is troubled', async () => {
    using dir = tempDir();
    await using superdaemon = startSuperdaemon([dyingAfter(300), '--', ...writer], { cwd: dir.path });
    const log = () => readFileSync(dir.join('log'), 'utf8').split('\n');
    await eventually(() => expect(log()).toContain(`line ${lines}`), { withinMs: 30_000 });
    await eventually(() => expect(readFileSync(dir.join('trouble'), 'utf8')).toBe('0 failed\n'));

    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(log()).toContain('exiting'));
    const written = log().filter((line) => line.startsWith('line '));
    expect(written).toEqual(Array.from({ length: lines }, (_, index) => `line ${index + 1}`));
    const deaths = log().filter((line) =>
      /^warning: log command \d+ ended with exit status 0, starting/.test(line),
    );
    expect(deaths.length).toBeGreaterThanOrEqual(3);
  });

  it('that is killed is started again, and its successor gets all that comes then', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const args = ['--interval=0', '--log-file=| echo $$ >> pids; exec cat >> log', '--', ...actor];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    const pids = () => readFileSync(dir.join('pids'), 'utf8').trimEnd().split('\n');
    await notes.waitFor('1 started');
    await eventually(() => expect(log()).toMatch(/^starting new worker \d+\n$/));
    const [first] = pids().map(Number);
    process.kill(Number(first), 'SIGKILL');
    // As long as it is dying it may still take from the pipe.
    await eventually(() => expect(superdaemon.processes()).not.toContain(first));
    superdaemon.signal('SIGHUP');
    await eventually(() => expect(log()).toMatch(/^old worker \d+ died, status:0$/m));
    expect(pids()).toHaveLength(2);
    expect(log()).toMatch(/^warning: log command \d+ was ended by SIGKILL, starting it again$/m);
    expect(log().match(/^received HUP, spawning a new worker$/gm)).toHaveLength(1);
    await notes.waitFor('2 started');
  });

  it('that lives but does not read holds up neither a worker nor a deploy; what is dropped is counted', async () => {
    using dir = tempDir();
    const notes = transcript(dir);
    const command = 'until test -e go; do sleep 0.1; done; exec cat >> log';
    const args = [
      '--interval=0',
      `--log-file=| ${command}`,
      '--',
      'sh',
      '-c',
      `${flood} & exec "$@"`,
      'sh',
      ...actor,
    ];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, env: notes.env });
    await notes.waitFor('1 started');
    superdaemon.signal('SIGHUP');
    await notes.waitFor('2 started');
    await notes.waitFor('1 TERM');
    // Each of the two has written more than a pipe holds.
    await eventually(() => expect(readFileSync(dir.join('written'), 'utf8')).toBe('written\nwritten\n'));

    writeFileSync(dir.join('go'), '');
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() =>
      expect(log()).toMatch(/^warning: the log command does not read, lines that had to be dropped: \d+$/m),
    );
    superdaemon.signal('SIGTERM');
    await notes.waitFor('2 TERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(log()).toMatch(/\nexiting\n$/));
  });

  it('that ends at once holds up no worker, and is started once a second at most', async () => {
    using dir = tempDir();
    const startedAt = performance.now();
    const args = ['--log-file=| echo >> starts; exit 3', '--', 'sh', '-c', `${flood}; exec sleep 1000`];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('written'), 'utf8')).toBe('written\n'));
    const starts = () => readFileSync(dir.join('starts'), 'utf8').length;
    await eventually(() => expect(starts()).toBeGreaterThanOrEqual(3));
    expect(starts()).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1000);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });

  it('that has ended once has its time to begin to read: nothing is dropped', async () => {
    using dir = tempDir();
    const args = [`--log-file=| ${slowAfterOne}`, '--', 'sh', '-c', `${flood}; exec sleep 1000`];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('written'), 'utf8')).toBe('written\n'));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() => expect(log()).toMatch(/\nexiting\n$/));
    expect(log().match(/^0{900,}\d+$/gm)).toHaveLength(300);
    expect(log()).not.toContain('dropped');
  });

  it('that puts itself into the background is started again only when it has ended there', async () => {
    using dir = tempDir();
    const command = 'echo >> starts; { sh -c "echo $$ >> readers; exec cat >> log" <&3 3<&- & } 3<&0';
    const quoted = command.replace('$$', '\\$\\$');
    await using superdaemon = startSuperdaemon([`--log-file=| ${quoted}`, '--', 'sleep', '1000'], {
      cwd: dir.path,
    });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    const readers = () => readFileSync(dir.join('readers'), 'utf8').trimEnd().split('\n').map(Number);
    await eventually(() =>
      expect(log()).toContain(`in the background now (process ${readers()[0]} reads the log)`),
    );
    process.kill(Number(readers()[0]), 'SIGKILL');
    await eventually(() =>
      expect(log()).toContain(`in the background now (process ${readers()[1]} reads the log)`),
    );
    expect(readFileSync(dir.join('starts'), 'utf8')).toBe('\n\n');
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(log()).toMatch(/\nexiting\n$/));
  });

  it('that has just died when the end comes is started once more for the last lines', async () => {
    using dir = tempDir();
    const once = 'test -e once && exec cat >> log; : > once; IFS= read -r line; echo "$line" >> log';
    const args = [`--log-file=| ${once}`, '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    await eventually(() => expect(log()).toMatch(/^starting new worker \d+\n$/));
    await eventually(() => expect(superdaemon.processes()).toHaveLength(2));
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
    await eventually(() => expect(log()).toMatch(/\nexiting\n$/));
    expect(log()).toMatch(/^received TERM/m);
  });

  it('that lives on after the end keeps neither a port nor a pid file busy', async () => {
    using dir = tempDir();
    const sockets = [`--port=127.0.0.1:${await freePort()}`, '--path=socket', '--pid-file=pid'];
    const args = [...sockets, '--log-file=| exec sleep 1000', '--', 'sleep', '1000'];
    await using first = startSuperdaemon(args, { cwd: dir.path });
    await eventually(() => expect(readFileSync(dir.join('pid'), 'utf8')).toBe(`${first.pid}\n`));
    first.signal('SIGTERM');
    expect(await first.ended()).toEqual({ code: 0, signal: null });
    expect(first.processes()).toHaveLength(1);

    await using second = startSuperdaemon([...sockets, '--', 'sleep', '1000'], { cwd: dir.path });
    await second.waitForLine('starting new worker');
  });
});

describe.skipIf(skipsFixes || !ordinaryUserCanRun())('a log command for which there is no process', () => {
  it('is started as soon as there is room', async () => {
    using dir = tempDir();
    giveToOrdinaryUser(dir);
    const args = ['--log-file=| echo $$ >> pids; exec cat >> log', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd: dir.path, via: asOrdinaryUser });
    const log = () => readFileSync(dir.join('log'), 'utf8');
    const pids = () => readFileSync(dir.join('pids'), 'utf8').trimEnd().split('\n').map(Number);
    await eventually(() => expect(log()).toContain('starting new worker'));
    await setSoftLimit(superdaemon.pid, { resource: 'nproc', value: 0 }, asOrdinaryUser);
    process.kill(Number(pids()[0]), 'SIGKILL');
    await eventually(() => expect(superdaemon.processes()).not.toContain(pids()[0]));
    // Longer than the line that tells its death.
    await eventually(async () => expect(await bytesInLog(superdaemon.pid)).toBeGreaterThan(100));
    await setSoftLimit(superdaemon.pid, { resource: 'nproc', value: 1000 }, asOrdinaryUser);
    await eventually(() => expect(log()).toMatch(/^warning: cannot start the log command: .*\n/m));
    expect(pids()).toHaveLength(2);
    superdaemon.signal('SIGTERM');
    expect(await superdaemon.ended()).toEqual({ code: 0, signal: null });
  });
});

/** How much waits in the pipe that is its standard output. */
async function bytesInLog(pid: number): Promise<number> {
  const script =
    'open my $pipe, "<", "/proc/$ARGV[0]/fd/1"; ioctl $pipe, 0x541B, $n = "0000"; print unpack "i", $n';
  return Number((await execa('perl', ['-e', script, String(pid)])).stdout);
}
