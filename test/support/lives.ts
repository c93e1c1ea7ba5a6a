// From when until when each worker can have answered, as its superdaemon's events bound it.

import type { Told } from './told.ts';

export interface Life {
  readonly generation: number;
  readonly pid: number;
  /** It was started after this moment, … */
  readonly bornAfterMs: number;
  /** … and had gone by this one, with all that it had started. */
  readonly goneByMs: number;
}

interface Open extends Life {
  goneByMs: number;
  isDead: boolean;
  /** What it has started, and what lives on with the sockets. */
  left: readonly number[];
}

/** The whole tree of a worker's, which is watched as one. */
const TREE = -1;

/**
 * An event is dated once it has happened: so a worker that is told of as dead is, and one that is told of as started has been so
 * since some moment after the event before.
 */
export function livesIn(events: readonly Told[]): readonly Life[] {
  const lives: Open[] = [];
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    takeEvent(lives, event, beforeMs);
    // A warning may come between the birth and its event.
    if (event.event !== 'warning') beforeMs = event.atMs;
  }
  return lives;
}

function takeEvent(lives: Open[], event: Told, beforeMs: number): void {
  switch (event.event) {
    case 'worker-starting':
      lives.push(born(event, beforeMs));
      return;
    case 'taken-over':
      // The superdaemon that has started it may have been killed before it could tell.
      if (openOf(lives, event.pid) === undefined) lives.push(born(event, Number.NEGATIVE_INFINITY));
      return;
    case 'worker-leaves':
      return change(openOf(lives, event.pid), { left: event.left }, event);
    case 'worker-outlived':
      return change(openOf(lives, event.pid), { left: [TREE], isDead: true }, event);
    case 'worker-tree-ended':
      return change(openOf(lives, event.pid), { left: [] }, event);
    case 'left-process-ended':
      for (const life of lives) {
        if (life.left.includes(event.pid))
          change(life, { left: life.left.filter((pid) => pid !== event.pid) }, event);
      }
      return;
    case 'worker-died':
    case 'worker-failed-to-start':
      return change(openOf(lives, event.pid), { isDead: true }, event);
  }
}

function born({ generation, pid }: Pick<Life, 'generation' | 'pid'>, bornAfterMs: number): Open {
  return { generation, pid, bornAfterMs, goneByMs: Number.POSITIVE_INFINITY, isDead: false, left: [] };
}

function openOf(lives: readonly Open[], pid: number): Open | undefined {
  return lives.findLast((life) => life.pid === pid && life.goneByMs === Number.POSITIVE_INFINITY);
}

function change(
  life: Open | undefined,
  changed: Partial<Pick<Open, 'isDead' | 'left'>>,
  { atMs }: Told,
): void {
  if (life === undefined) return;
  Object.assign(life, changed);
  if (life.isDead && life.left.length === 0) life.goneByMs = atMs;
}
