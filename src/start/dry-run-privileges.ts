// What workers may, as --dry-run tells it.

import type { NamedLimit, NamedUser } from '../command-line/privilege-values.ts';
import type { StartOptions } from '../command-line/start-options.ts';
import { UNLIMITED } from '../posix/process/privileges.ts';
import type { Fact } from './dry-run-report.ts';

export function privilegeFacts({ privileges }: Pick<StartOptions, 'privileges'>): Fact[] {
  if (privileges === undefined) return [];
  const { user, umask, nice, oomScoreAdj, limits } = privileges;
  return [
    ['user', user && userText(user)],
    ['umask', umask?.toString(8).padStart(4, '0')],
    ['nice', nice?.toString()],
    ['oom score', oomScoreAdj?.toString()],
    ...limits.map((limit): Fact => ['limit', limitText(limit)]),
  ];
}

function userText({ text, uid, gid, groups }: NamedUser): string {
  return `${text}, uid ${uid}, gid ${gid}, groups ${groups.join(' ')}`;
}

function limitText({ name, soft, hard }: NamedLimit): string {
  const amount = (value: bigint) => (value === UNLIMITED ? 'unlimited' : String(value));
  return `${name} ${amount(soft)}, at most ${amount(hard)}`;
}
