// Who the superdaemon is: root, where it is to start others; whom the directories belong to; or somebody of no account.

import type { Located, UnitWorld } from './unit-request.ts';

export interface RunAs {
  readonly lines: readonly string[];
  /** It uses what lies there, and so is not to be kept from seeing it. */
  readonly seesHomes: boolean;
  readonly seesTmp: boolean;
}

export function runAs(located: Located, owner: number | undefined, world: UnitWorld): RunAs {
  const ownPlace = located.used.flatMap((path) => OWN_PLACE.exec(path)?.[0] ?? [])[0];
  const uid = uidOf(located, owner ?? (ownPlace === undefined ? undefined : (world.ownerOf(ownPlace) ?? 0)));
  const isForeign = owner !== undefined && owner !== uid;
  const needed = [...capabilities(located), ...(isForeign ? ['CAP_DAC_OVERRIDE'] : [])].join(' ');
  const user = uid === undefined ? ['DynamicUser=yes'] : uid === 0 ? [] : [`User=${world.userName(uid)}`];
  const ambient = needed !== '' && uid !== 0 ? [`AmbientCapabilities=${needed}`] : [];
  return {
    lines: [...user, `CapabilityBoundingSet=${needed}`, ...ambient],
    seesHomes: located.used.some((path) => HOMES.test(path)),
    seesTmp: located.used.some((path) => TMP.test(path)),
  };
}

const HOMES = /^\/(?:home|root|run\/user)(?:\/|$)/;
const TMP = /^(?:\/var)?\/tmp(?:\/|$)/;
/** Where somebody keeps what is theirs, and others may not look: so it is they who run it. */
const OWN_PLACE = /^\/(?:home\/[^/]+|root|run\/user\/[^/]+|(?:var\/)?tmp\/[^/]+)/;

function uidOf({ options: { privileges } }: Located, otherwise: number | undefined): number | undefined {
  return privileges?.user === undefined ? otherwise : 0;
}

const FIRST_FREE_PORT = 1024;

function capabilities({ kind, options }: Located): string[] {
  const { sockets, workerPorts, pathAccess, privileges, killTree } = options;
  const bound = [...(kind === 'socket' ? [] : sockets), ...workerPorts];
  const isLow = bound.some((each) => each.kind !== 'unix' && each.port > 0 && each.port < FIRST_FREE_PORT);
  const givesAway = pathAccess.owner !== undefined && bound.some((each) => each.kind === 'unix');
  return [
    ...(isLow ? ['CAP_NET_BIND_SERVICE'] : []),
    ...(givesAway ? ['CAP_CHOWN', 'CAP_FOWNER'] : []),
    ...(privileges?.user === undefined ? [] : ['CAP_SETUID', 'CAP_SETGID', 'CAP_KILL']),
    ...(privileges?.user !== undefined && killTree ? ['CAP_SYS_PTRACE'] : []),
    ...((privileges?.nice ?? 0) < 0 ? ['CAP_SYS_NICE'] : []),
  ];
}
