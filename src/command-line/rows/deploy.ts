import { seconds, signal, wholeSeconds } from '../option-values.ts';
import { parseMaxOld } from '../pool-size.ts';
import type { OptionGroup } from './row.ts';

export const deploy: OptionGroup = {
  title: 'Deploy and stop',
  rows: [
    {
      name: 'canary',
      ours: true,
      value: seconds,
      help: 'how long the first new worker serves beside all old ones before the deploy goes on (none)',
      manual:
        'If it dies meanwhile the deploy has failed: no old worker was touched, `--restart` exits 1. HUP abandons it and begins anew. Not at the first start, and not while no old worker serves.',
    },
    {
      name: 'canary-check',
      ours: true,
      value: { name: 'command', choices: 'command' },
      help: 'must exit 0 when that time is over; needs --canary',
      manual:
        "A shell command, run once, with what `--check` gets, the canary's environment, and `WORKER_PID`. Otherwise the canary is told to go, and the deploy has failed.",
    },
    {
      name: 'signal-on-hup',
      value: signal,
      brief: 'tells an old worker to go (TERM)',
      help: 'tells an old worker to go (TERM)',
      manual: 'Any case, with or without `SIG`, or a number. It is sent once.',
    },
    {
      name: 'signal-on-term',
      value: signal,
      help: 'tells all workers to stop (TERM)',
      manual: 'When TERM comes. INT and QUIT always send TERM.',
    },
    {
      name: 'kill-old-delay',
      value: wholeSeconds,
      help: 'wait before telling the old worker to go (0; with auto restart 5)',
      manual:
        'So long both generations serve. Should the new worker die meanwhile, the old one stays until a replacement has started.',
    },
    {
      name: 'kill-old-timeout',
      ours: true,
      value: seconds,
      help: 'SIGKILL for an old worker that has not gone that long after its signal (0: never)',
      manual: 'Also for a worker that was not ready in time.',
    },
    {
      name: 'max-old',
      ours: true,
      value: { name: 'n', parse: parseMaxOld },
      help: 'how many old workers may be on their way out at a time (any number)',
      manual:
        'With `--workers`: of each number. A deploy that makes them more ends the oldest by SIGKILL, with a warning: connections that never end, and many deploys, do not fill the memory.',
    },
    {
      name: 'stop-timeout',
      ours: true,
      value: seconds,
      help: 'SIGKILL for all workers that long after their signal at the stop (0: never)',
    },
    { name: 'enable-auto-restart', help: 'deploy anew from time to time' },
    {
      name: 'auto-restart-interval',
      value: wholeSeconds,
      help: 'how often that is (360)',
      manual: 'That long after the last start when no old worker is left, twice that in any case.',
    },
  ],
};
