import { hookEvents, parseHook } from '../hook.ts';
import type { OptionGroup } from './row.ts';

export const care: OptionGroup = {
  title: 'Look after workers',
  rows: [
    {
      name: 'on-event',
      ours: true,
      value: {
        name: '[names:]command',
        parse: parseHook,
        choices: hookEvents.map((name) => `${name}:`),
      },
      repeatable: true,
      help: 'run a shell command when something happens: NAME,NAME:COMMAND or COMMAND (repeatable)',
      manual:
        'The names are those of the JSON log (docs/events.md); without any it is every event but those of level debug. The command finds `EVENT`, `GENERATION`, `WORKER`, `PID`, `STATUS` and `REASON` in its environment, empty where the event has none. Commands run one at a time, in order, for at most 10 s each. Nothing waits for them; when 1,000 events wait, the next ones are dropped, and counted.',
    },
  ],
};
