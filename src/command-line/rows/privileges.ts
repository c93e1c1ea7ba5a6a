import { resources } from '../../posix/process/privileges.ts';
import { parseLimit, parseNice, parseOomScoreAdj, parseUmask, parseUser } from '../privilege-values.ts';
import type { OptionGroup } from './row.ts';

export const privileges: OptionGroup = {
  title: 'Least privilege',
  rows: [
    {
      name: 'user',
      ours: true,
      value: { name: 'user:group', parse: parseUser },
      help: "who workers, checks, probes and hooks run as; the group is the user's own if left out",
      manual:
        "Names or numbers. They get the user's supplementary groups, its `HOME`, `USER` and `LOGNAME`, and no capability; sockets, files and the log stay the superdaemon's, and so does a log command. It needs `CAP_SETUID`, `CAP_SETGID` and `CAP_KILL`, which root has.",
    },
    { name: 'umask', ours: true, value: { name: 'octal', parse: parseUmask }, help: 'their umask' },
    {
      name: 'nice',
      ours: true,
      value: { name: 'n', parse: parseNice },
      help: 'their nice value, -20 to 19',
      manual: 'As ps(1) shows it, whatever that of the superdaemon is. Less than that takes `CAP_SYS_NICE`.',
    },
    {
      name: 'oom-score-adj',
      ours: true,
      value: { name: 'n', parse: parseOomScoreAdj },
      help: 'how gladly the kernel kills them when memory runs out, -1000 to 1000',
      manual:
        'With a number above 0 it takes a worker rather than the superdaemon. Less than it has itself may take `CAP_SYS_RESOURCE`.',
    },
    {
      name: 'limit',
      ours: true,
      value: {
        name: 'name=soft:hard',
        parse: parseLimit,
        choices: [...resources.keys()].map((name) => `${name}=`),
      },
      repeatable: true,
      help: 'a resource limit of theirs, as nofile=65536 (repeatable); a soft one alone is both',
      manual: `Of ${[...resources.keys()].join(', ')}, as in setrlimit(2), or \`unlimited\`. A hard limit above the superdaemon's takes \`CAP_SYS_RESOURCE\`.`,
    },
  ],
};
