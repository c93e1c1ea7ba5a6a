import { parseWorkerPort } from '../../sockets/socket-spec.ts';
import { parseScaling, parseStartAtOnce, parseSurge, parseWorkers } from '../pool-size.ts';
import type { OptionGroup } from './row.ts';

export const pool: OptionGroup = {
  title: 'Several workers',
  rows: [
    {
      name: 'workers',
      ours: true,
      value: { name: 'n', parse: parseWorkers, choices: ['auto'] },
      brief: 'how many workers, or auto: as many as processors (1)',
      help: 'how many workers each generation has; auto: as many as there are processors',
      manual:
        'Without it there is one. `auto` heeds affinity and `cpu.max` of the cgroup. Every worker gets every socket, and `SERVER_STARTER_WORKER`, its ' +
        'number from 0. They bear one generation number. No old worker is told to go before all new ones have ' +
        'started; `--max-start-attempts`, 3 then, counts for each of them.',
    },
    {
      name: 'start-at-once',
      ours: true,
      value: { name: 'n', parse: parseStartAtOnce },
      help: 'how many workers may be starting at the same time (as many as there are processors)',
    },
    {
      name: 'surge',
      ours: true,
      value: { name: 'k', parse: parseSurge },
      help: 'how many workers more than --workers may live during a deploy (no limit)',
      manual:
        'For hosts whose memory does not hold two of each. A deploy goes from worker to worker then: each new one that has started lets its old one go, and makes room for the next. One that fails stops it there; what has been done stays, and the next deploy brings all to one generation. An old worker that does not go holds it up: see `--kill-old-timeout`.',
    },
    {
      name: 'worker-port',
      ours: true,
      value: { name: 'spec', parse: parseWorkerPort },
      repeatable: true,
      help: 'a TCP port for each worker alone: port or address:port, to which its number is added (repeatable)',
      manual:
        'For what has to reach one certain worker: a scrape of its metrics, a debugger. Worker 2 of `--worker-port=127.0.0.1:9100` finds 127.0.0.1:9102 at the end of its `SERVER_STARTER_PORT`, and nowhere else. The old and the new worker of a number share it. Without `--workers` the one worker has the port itself.',
    },
    {
      name: 'scale',
      ours: true,
      value: { name: 'n', parse: parseScaling },
      help: 'change the number of workers: N, +N or -N; needs --pid-file',
      manual:
        'Returns when all of them have started and the superfluous ones have gone. It lasts over deploys and `--upgrade`, not over a stop. ' +
        'While a deploy is under way it waits. TTIN and TTOU do the same by one.',
    },
  ],
};
