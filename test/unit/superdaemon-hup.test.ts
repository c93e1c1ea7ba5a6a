import { describe, expect, it } from 'vitest';
import { cannotSpawn, dies, diesAfter, goesAfter, hup, lives } from './scenario.ts';
import { simulate } from './simulated-host.ts';

describe('HUP', () => {
  it('starts a new worker and tells the old one to go once the new one has started', async () => {
    const { transcript } = await simulate({
      policy: { signalOnHup: 'SIGQUIT' },
      workers: [goesAfter(400)],
      happenings: [hup(10_000)],
    });
    expect(transcript).toEqual([
      '0s starting new worker 101',
      '1s status file 1:101',
      '10s received HUP, spawning a new worker',
      '10s starting new worker 102',
      '11s status file 1:101 2:102',
      '11s new worker is now running, sending QUIT to old workers:101',
      '11s killing old workers',
      '11s SIGQUIT → 101',
      '11.4s old worker 101 died, status:0',
      '11.4s status file 2:102',
    ]);
  });

  it('acts at once with interval 0, too', async () => {
    const { transcript } = await simulate({ policy: { intervalMs: 0 }, happenings: [hup(10)] });
    expect(transcript.slice(2, 8)).toEqual([
      '0.01s received HUP, spawning a new worker',
      '0.01s starting new worker 102',
      '0.01s status file 1:101 2:102',
      '0.01s new worker is now running, sending TERM to old workers:101',
      '0.01s killing old workers',
      '0.01s SIGTERM → 101',
    ]);
  });

  it('keeps the old worker while its replacement fails to start, however often', async () => {
    const workers = [lives, diesAfter(200, 256), cannotSpawn('no such file'), diesAfter(1, 9), lives];
    const { transcript } = await simulate({ workers, happenings: [hup(10_000)] });
    expect(transcript.slice(3)).toEqual([
      '10s starting new worker 102',
      '10.2s new worker 102 seems to have failed to start, exit status:256',
      '10.2s status file 1:101',
      '11s failed to start a new worker: no such file',
      '12s starting new worker 104',
      '12.001s new worker 104 seems to have failed to start, exit status:9',
      '12.001s status file 1:101',
      '13s starting new worker 105',
      '14s status file 1:101 5:105',
      '14s new worker is now running, sending TERM to old workers:101',
      '14s killing old workers',
      '14s SIGTERM → 101',
      '14s old worker 101 died, status:0',
      '14s status file 5:105',
    ]);
  });

  it('does not shorten the interval of the worker that is being tried', async () => {
    const { transcript } = await simulate({
      policy: { intervalMs: 3000 },
      happenings: [hup(500), hup(2900)],
    });
    expect(transcript.slice(0, 2)).toEqual(['0s starting new worker 101', '3s status file 1:101']);
  });

  it('waits for the interval to end after a worker that failed', async () => {
    const { transcript } = await simulate({ workers: [diesAfter(100)], happenings: [hup(200), hup(300)] });
    expect(transcript.slice(3, 6)).toEqual([
      '0.2s received HUP, spawning a new worker',
      '0.3s received HUP, spawning a new worker',
      '1s starting new worker 102',
    ]);
  });

  it('is followed by one more deploy however often it comes while a worker is being tried', async () => {
    const happenings = [hup(10_000), ...Array.from({ length: 50 }, (_, n) => hup(10_001 + n))];
    const { transcript } = await simulate({ happenings });
    expect(transcript.filter((line) => line.includes('HUP') || line.includes('starting'))).toEqual([
      '0s starting new worker 101',
      '10s received HUP, spawning a new worker',
      '10s starting new worker 102',
      '11s received HUP, spawning a new worker',
      '11s starting new worker 103',
    ]);
    expect(transcript.at(-1)).toBe('12s status file 3:103');
  });

  it('is served by the next attempt when the worker being tried dies', async () => {
    const { transcript } = await simulate({
      workers: [lives, diesAfter(500), lives],
      happenings: [hup(5000), hup(5100)],
    });
    expect(transcript.slice(3, 8)).toEqual([
      '5s starting new worker 102',
      '5.5s new worker 102 seems to have failed to start, exit status:256',
      '5.5s received HUP, spawning a new worker',
      '5.5s status file 1:101',
      '6s starting new worker 103',
    ]);
    expect(transcript.filter((line) => line.includes('starting new worker'))).toHaveLength(3);
  });

  it('is served by the replacement that is due anyway for a worker that died', async () => {
    const happenings = [dies(5, 1), dies(10, 2), hup(20), hup(30)];
    const { transcript } = await simulate({ policy: { intervalMs: 0 }, happenings });
    expect(transcript.slice(6)).toEqual([
      '0.01s worker 102 died unexpectedly with status:9, restarting',
      '0.01s status file',
      '0.02s received HUP, spawning a new worker',
      '0.03s received HUP, spawning a new worker',
      '0.105s starting new worker 103',
      '0.105s status file 3:103',
      '0.105s new worker is now running, sending TERM to old workers:none',
      '0.105s killing old workers',
    ]);
  });

  it('calls the only worker old when it dies while its replacement is tried, as the reference does', async () => {
    const { transcript } = await simulate({ happenings: [hup(5000), dies(5500, 1)] });
    expect(transcript.slice(4)).toEqual([
      '5.5s old worker 101 died, status:9',
      '5.5s status file',
      '6s status file 2:102',
      '6s new worker is now running, sending TERM to old workers:none',
      '6s killing old workers',
    ]);
  });

  it('does not signal again an old worker that takes its time', async () => {
    const { transcript } = await simulate({
      workers: [goesAfter(60_000)],
      happenings: [hup(5000), hup(10_000)],
    });
    expect(transcript.filter((line) => line.includes('→'))).toEqual([
      '6s SIGTERM → 101',
      '11s SIGTERM → 102',
    ]);
    expect(transcript).toContain('11s new worker is now running, sending TERM to old workers:102');
    expect(transcript).toContain('66s old worker 101 died, status:0');
  });
});

describe('the status file', () => {
  it('lists generations by number, 10 after 2', async () => {
    const workers = [lives, goesAfter(3_600_000), ...Array.from({ length: 7 }, () => diesAfter(1)), lives];
    const { transcript } = await simulate({ workers, happenings: [hup(5000), hup(10_000)] });
    expect(transcript).toContain('18s status file 2:102 10:110');
  });

  it('keeps an old worker until it has really gone', async () => {
    const { transcript } = await simulate({ workers: [goesAfter(9000)], happenings: [hup(5000)] });
    expect(transcript.filter((line) => line.includes('status file'))).toEqual([
      '1s status file 1:101',
      '6s status file 1:101 2:102',
      '15s status file 2:102',
    ]);
  });
});
