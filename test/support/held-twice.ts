// A slot is never given to two workers of one generation at once, but for one that takes the other's place while that serves on.

import type { Told } from './told.ts';

interface Row {
  readonly generation: number;
  readonly slot: number;
  readonly pid: number;
}

/** Each slot that was, in words. Pure: from what the superdaemon tells of itself. */
export function slotsHeldTwice(events: readonly Told[]): readonly string[] {
  let holders: readonly Row[] = [];
  return events.flatMap((event) => {
    const leaving = leavingBy(event);
    holders = event.event === 'starting' ? [] : holders.filter(({ pid }) => !leaving.includes(pid));
    if (event.event !== 'worker-starting') return [];
    const { generation, worker: slot = 0, pid } = event;
    const holder = holders.find((row) => row.generation === generation && row.slot === slot);
    holders = [...holders, { generation, slot, pid }];
    if (holder === undefined) return [];
    return [
      `worker ${pid} is started for slot ${slot} of generation ${generation}, which ${holder.pid} holds`,
    ];
  });
}

/** Who does not hold its slot any more. */
function leavingBy(event: Told): readonly number[] {
  switch (event.event) {
    case 'worker-signalled':
    case 'worker-late':
    case 'worker-hung':
    case 'worker-killed':
    case 'worker-outlived':
    case 'worker-died':
    case 'worker-failed-to-start':
    case 'recycling':
      return [event.pid];
    case 'deployed':
      return event.leaving;
    case 'slot-rolled':
      return event.oldPids;
    case 'stopping':
      return event.pids;
    default:
      return [];
  }
}
