import { hookEvents, parseHook } from '../hook.ts';
import { seconds, size } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const care: OptionGroup = {
  title: 'Look after workers',
  rows: [
    {
      name: 'watchdog',
      ours: true,
      value: seconds,
      help: 'replace a worker that has said that it lives, and then is silent that long',
      manual:
        'It says `WATCHDOG=1` as it says `READY=1`; `WATCHDOG_USEC` is the time. It gets `--signal-on-term`, and SIGKILL after the same time again.',
    },
    {
      name: 'max-age',
      ours: true,
      value: seconds,
      help: 'replace a worker that has served that long (0: never)',
      manual:
        'Its successor has started before it goes, one slot at a time, never during a deploy. A worker may also ask for it: `REPLACE=1`, said as `READY=1` is.',
    },
    {
      name: 'max-memory',
      ours: true,
      value: size,
      help: 'replace a worker that holds more memory: 500M, 2G (0: no limit)',
      manual: 'Of its own process, in two samples 10 s apart.',
    },
    {
      name: 'kill-tree',
      ours: true,
      help: 'a worker goes with all that it has started',
      manual:
        'What lives on when its own process has ended gets the signal that told it to go, and SIGKILL after the same time; until the last of it has gone, the worker has not. Also of what a worker leaves that died by itself. Linux only.',
    },
    {
      name: 'fd-store',
      ours: true,
      help: 'keep the sockets in the service manager, across its restart of us',
      manual:
        'For a unit of systemd with `FileDescriptorStoreMax=`: a restart, or a crash, refuses no connection, and needs no `.socket` unit. The sockets of `--worker-port` are not kept.',
    },
    {
      name: 'on-event',
      ours: true,
      value: {
        name: '[names:]command',
        parse: parseHook,
        choices: hookEvents.map((name) => `${name}:`),
      },
      repeatable: true,
      help: 'run a shell command after these events, or after all (repeatable)',
      manual:
        'Names as in docs/events.md; without any, all but those of level debug. It finds `EVENT`, `GENERATION`, `WORKER`, `PID`, `STATUS` and `REASON` in its environment. One at a time, for at most 10 s; nothing waits for it.',
    },
  ],
};
