import { file, parseLogFile, parseLogFormat } from '../option-values.ts';
import type { OptionGroup } from './row.ts';

export const files: OptionGroup = {
  title: 'Files',
  rows: [
    {
      name: 'pid-file',
      value: file,
      brief: 'its pid; the three commands below find it by this',
      help: 'holds our pid, locked as long as we live',
      manual:
        '`--restart`, `--stop` and the other commands find the superdaemon by it. With it, or `--status-file`, workers are taken over when the superdaemon is killed.',
    },
    {
      name: 'status-file',
      value: file,
      brief: 'who serves: GENERATION:PID, a line for each worker',
      help: 'a line GENERATION:PID for each live worker that has started',
      manual: 'Replaced as a whole, and absent until the first worker has started.',
    },
    {
      name: 'metrics-file',
      ours: true,
      value: file,
      help: "for Prometheus, by node_exporter's textfile collector",
      manual:
        'Replaced as a whole when something happens, and every 15 seconds; removed at the end. A name that ends in `.prom`, in the directory that the collector reads.',
    },
    {
      name: 'log-file',
      value: { ...file, parse: parseLogFile },
      help: "our lines and the workers' output; '| command' pipes them to it",
      manual:
        'A file is appended to, and opened anew at USR1. A command is run by `sh -c`, and started again when it dies; what was written meanwhile waits in the pipe. One that does not read for 5 seconds blocks no worker: lines are dropped, and counted.',
    },
    {
      name: 'log-format',
      ours: true,
      value: { name: 'format', parse: parseLogFormat, choices: ['text', 'json'] },
      help: 'of our lines: text, or json, an object each',
      manual: 'Default `text`: the lines of the original, word for word.',
    },
  ],
};
