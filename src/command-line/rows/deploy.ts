import { seconds, signal, wholeSeconds } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const deploy: OptionGroup = {
  title: 'Deploy and stop',
  rows: [
    {
      name: 'signal-on-hup',
      value: signal,
      help: 'tells an old worker to go (TERM)',
      manual: 'Any case, with or without SIG, or a number.',
    },
    { name: 'signal-on-term', value: signal, help: 'tells all workers to stop (TERM)' },
    {
      name: 'kill-old-delay',
      value: wholeSeconds,
      help: 'wait before telling the old worker to go (0; with auto restart 5)',
    },
    {
      name: 'kill-old-timeout',
      ours: true,
      value: seconds,
      help: 'SIGKILL for an old worker that has not gone that long after its signal (0: never)',
    },
    {
      name: 'stop-timeout',
      ours: true,
      value: seconds,
      help: 'the same for all workers at the stop (0: never)',
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
