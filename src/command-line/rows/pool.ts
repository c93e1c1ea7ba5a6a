import { parseScaling, parseStartAtOnce, parseWorkers } from '../pool-size.ts';
import type { OptionGroup } from './row.ts';

export const pool: OptionGroup = {
  title: 'Several workers',
  rows: [
    {
      name: 'workers',
      ours: true,
      value: { name: 'n', parse: parseWorkers, choices: ['auto'] },
      help: 'how many workers each generation has; auto: as many as there are processors',
      manual:
        'Every worker gets every socket, and SERVER_STARTER_WORKER, its number from 0. They bear one generation number. ' +
        'No old worker is told to go before all new ones have started; --max-start-attempts, 3 then, counts for each of them.',
    },
    {
      name: 'start-at-once',
      ours: true,
      value: { name: 'n', parse: parseStartAtOnce },
      help: 'how many workers may be starting at the same time (as many as there are processors)',
    },
    {
      name: 'scale',
      ours: true,
      value: { name: 'n', parse: parseScaling },
      help: 'change the number of workers: N, +N or -N; needs --pid-file',
      manual:
        'Returns when all of them have started and the superfluous ones have gone. It lasts over deploys and --upgrade. ' +
        'While a deploy is under way it waits. TTIN and TTOU do the same by one.',
    },
  ],
};
