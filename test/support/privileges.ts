import { readFileSync } from 'node:fs';

/** What the kernel says that a process may. */
export interface Held {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly umask: string;
  /** Inheritable, permitted, effective, ambient. */
  readonly capabilities: readonly string[];
  readonly nice: number;
  readonly oomScoreAdj: number;
  /** Soft and hard, by the names of /proc/PID/limits. */
  readonly limit: (name: string) => readonly string[];
}

export function heldBy(pid: number): Held {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  return held({
    status: read('status'),
    limits: read('limits'),
    stat: read('stat'),
    score: read('oom_score_adj'),
  });
}

/** A line of shell by which a process reports of itself, for reportedHeld(). */
export const reportTo = (file: string) =>
  `{ for each in status limits stat oom_score_adj; do echo "== $each"; cat /proc/$$/$each; done; echo ==; } >${file}.new && mv ${file}.new ${file}`;

export function reportedHeld(file: string): Held {
  const [, status = '', limits = '', stat = '', score = ''] = readFileSync(file, 'utf8').split(/^==.*\n/m);
  return held({ status, limits, stat, score });
}

function held(files: Readonly<Record<'status' | 'limits' | 'stat' | 'score', string>>): Held {
  const words = (name: string) =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(files.status)?.[1]?.trim().split(/\s+/) ?? [];
  const numbers = (name: string) => words(name).filter(Boolean).map(Number);
  return {
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    umask: words('Umask').join(),
    capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => words(name).join()),
    nice: Number(files.stat.slice(files.stat.lastIndexOf(')') + 2).split(' ')[16]),
    oomScoreAdj: Number(files.score),
    limit: (name) => new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(files.limits)?.slice(1) ?? [],
  };
}
