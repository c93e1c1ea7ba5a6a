// --user, --umask, --nice, --oom-score-adj, --limit: what we are not allowed to ask for is told before anything is acquired.

import { readFileSync } from 'node:fs';
import type { AskedPrivileges } from '../command-line/privilege-values.ts';
import type { StartOptions } from '../command-line/start-options.ts';
import { errorCode, reason } from '../posix/libc/system-error.ts';
import { isOurUser, type Privileges } from '../posix/process/privileges.ts';
import { StartupError } from '../startup-error.ts';
import { obstacle } from '../workers/try-privileges.ts';

/** Throws StartupError. */
export function refusePrivileges({
  privileges,
  killTree,
}: Pick<StartOptions, 'privileges' | 'killTree'>): void {
  if (privileges === undefined) return;
  for (const { option, needs, alone } of oneByOne(privileges)) {
    const error = obstacle({ ...NONE, ...alone });
    if (error === undefined) continue;
    const isForbidden = ['EPERM', 'EACCES'].includes(errorCode(error) ?? '');
    throw new StartupError(`${option}: ${isForbidden ? `needs ${needs}` : reason(error)}`);
  }
  const { user } = privileges;
  if (user === undefined || isOurUser(user)) return;
  if (!may(CAP_KILL))
    throw new StartupError(`--user=${user.text}: needs CAP_KILL, to signal processes of another user`);
  if (killTree && !may(CAP_SYS_PTRACE))
    throw new StartupError(
      `--kill-tree: with --user=${user.text} needs CAP_SYS_PTRACE, to read the marks of another user's processes`,
    );
}

const NONE: Privileges = {
  user: undefined,
  umask: undefined,
  nice: undefined,
  oomScoreAdj: undefined,
  limits: [],
};

interface Asked {
  readonly option: string;
  readonly needs: string;
  readonly alone: Partial<Privileges>;
}

function oneByOne({ user, umask, nice, oomScoreAdj, limits }: AskedPrivileges): Asked[] {
  const asked: (Asked | undefined)[] = [
    user && { option: `--user=${user.text}`, needs: 'CAP_SETUID and CAP_SETGID', alone: { user } },
    umask === undefined ? undefined : { option: '--umask', needs: 'nothing', alone: { umask } },
    nice === undefined ? undefined : { option: `--nice=${nice}`, needs: 'CAP_SYS_NICE', alone: { nice } },
    oomScoreAdj === undefined
      ? undefined
      : { option: `--oom-score-adj=${oomScoreAdj}`, needs: 'CAP_SYS_RESOURCE', alone: { oomScoreAdj } },
    ...limits.map((limit) => ({
      option: `--limit=${limit.text}`,
      needs: 'CAP_SYS_RESOURCE',
      alone: { limits: [limit] },
    })),
  ];
  return asked.filter((each) => each !== undefined);
}

const CAP_KILL = 5n;
const CAP_SYS_PTRACE = 19n;

/** Where nobody can tell, trying will. */
function may(capability: bigint): boolean {
  try {
    const [, effective = 'ffffffff'] =
      /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    return ((BigInt(`0x${effective}`) >> capability) & 1n) === 1n;
  } catch {
    return true;
  }
}
