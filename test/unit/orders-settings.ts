// The settings in which every order of events is tried, and how deep in `npm test`.

import type { Setting } from './orders-steps.ts';

const asked = ['request', 'HUP', 'USR2'];
const ready = { readyTimeoutMs: 3000, killOldTimeoutMs: 700, maxStartAttempts: 2 };
const scaling = ['HUP', 'TTIN', 'TTOU', 'cancel'];

export interface Case extends Setting {
  readonly depth: number;
}

/** Each limit of time is another one, so that they come in every order, too. */
export const CASES: Readonly<Record<string, Case>> = {
  'one worker': { policy: { killOldDelayMs: 1700 }, asked, depth: 8 },
  'one worker, with readiness, a check and limits': {
    policy: { ...ready, hasCheck: true, stopTimeoutMs: 900 },
    asked,
    depth: 7,
  },
  'one worker that is restarted by time': {
    policy: { autoRestartIntervalMs: 5000, backoffMs: 4000, hasCheck: true },
    asked: ['request', 'HUP'],
    depth: 8,
  },
  'two workers': { policy: { workers: 2, killOldDelayMs: 400 }, asked, depth: 5 },
  'two workers, with readiness, a check and limits': {
    policy: { workers: 2, startAtOnce: 2, ...ready, hasCheck: true, stopTimeoutMs: 900 },
    asked,
    depth: 5,
  },
  'two workers, deployed from slot to slot': { policy: { workers: 2, surge: 1, ...ready }, asked, depth: 5 },
  'two workers behind a canary': {
    policy: { workers: 2, canaryMs: 2000, hasCanaryCheck: true, ...ready },
    asked: ['HUP', 'USR2', 'cancel'],
    depth: 5,
  },
  'a pool of one that may be recycled': {
    policy: { workers: 1, killOldDelayMs: 400, ...ready },
    asked: ['HUP', 'USR2'],
    replacing: true,
    depth: 5,
  },
  'two workers that may be recycled': {
    policy: { workers: 2, maxAgeMs: 8000 },
    asked: ['HUP', 'USR2', 'TTOU'],
    replacing: true,
    depth: 4,
  },
  'two workers that may be recycled, deployed from slot to slot': {
    policy: { workers: 2, surge: 1, killOldTimeoutMs: 700 },
    asked: ['HUP'],
    replacing: true,
    depth: 4,
  },
  'a pool that is scaled': {
    policy: { workers: 1, startAtOnce: 2, killOldDelayMs: 400, maxOld: 1 },
    asked: scaling,
    depth: 4,
  },
  'a pool that is scaled and deployed from slot to slot': {
    policy: { workers: 1, surge: 1, ...ready },
    asked: scaling,
    depth: 5,
  },
};
