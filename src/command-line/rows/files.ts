import { file, parseLogFile, parseLogFormat } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const files: OptionGroup = {
  title: 'Files',
  rows: [
    { name: 'pid-file', value: file, help: 'holds our pid, locked as long as we live' },
    { name: 'status-file', value: file, help: 'a line GENERATION:PID for each live generation' },
    {
      name: 'log-file',
      value: { ...file, parse: parseLogFile },
      help: "our lines and the workers' output; '| command' pipes them to it",
      manual:
        'A command that dies is started again; what was written meanwhile waits in the pipe. One that does not read for 5 seconds blocks no worker: lines are dropped, and counted.',
    },
    {
      name: 'log-format',
      ours: true,
      value: { name: 'format', parse: parseLogFormat, choices: ['text', 'json'] },
      help: 'of our lines: text, or json, an object each',
    },
  ],
};
