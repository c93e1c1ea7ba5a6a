// What a process that we start may do in the place of what we may: data, for the calls that it makes of itself before its program
// runs (privilege-calls.ts).

export interface Privileges {
  /** undefined: ours. */
  readonly user: User | undefined;
  readonly umask: number | undefined;
  /** As ps(1) shows it, -20 to 19. */
  readonly nice: number | undefined;
  /** -1000 to 1000. */
  readonly oomScoreAdj: number | undefined;
  readonly limits: readonly ResourceLimit[];
}

export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Its supplementary groups. */
  readonly groups: readonly number[];
}

export interface ResourceLimit {
  /** The kernel's number of it. */
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** RLIMIT_… of Linux on x86-64 and arm64, and prlimit(1)'s names. */
export const resources: ReadonlyMap<string, number> = new Map(
  [
    ...['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile'],
    ...['memlock', 'as', 'locks', 'sigpending', 'msgqueue', 'nice', 'rtprio', 'rttime'],
  ].map((name, number) => [name, number]),
);

/** Its soft limit of open files; undefined: it is not among them. */
export function ownOpenFilesLimit(privileges: Privileges | undefined): number | undefined {
  const limit = privileges?.limits.find(({ resource }) => resource === resources.get('nofile'));
  return limit === undefined ? undefined : Number(limit.soft);
}

/** Whether it already is that user, groups and all. */
export function isOurUser({ uid, gid, groups }: User): boolean {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  // Node lists the group itself, too.
  const ours = new Set(process.getgroups?.());
  const theirs = new Set([gid, ...groups]);
  const isSame = ours.size === theirs.size && [...theirs].every((group) => ours.has(group));
  return isSame && [uid, uid, gid, gid].every((id, place) => id === ids[place]);
}
