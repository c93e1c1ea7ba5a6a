// The policy is the order of these rules. Each asks what is observed, and says when it is due; the loop waits for the
// first, so that a rule and its deadline cannot disagree. Each has its chance once a turn: what it leaves over is due at
// once in the next one, after every event that waits.

import { judgeCanary, skipCanary, watchCanary } from './canary.ts';
import { autoRestart, beginAgain, withdraw } from './deploy.ts';
import { fill } from './fill.ts';
import { giveUp } from './give-up.ts';
import type { Policy } from './host.ts';
import { outdate } from './outdate.ts';
import { promote, reschedule } from './promote.ts';
import { recycle, relieve, weigh } from './recycle.ts';
import { resend } from './resend.ts';
import { capOld, kill, retire } from './retire.ts';
import { AT_ONCE, earliest, type Rule } from './rule.ts';
import { announce, scale, shrink } from './scale.ts';
import { standIn } from './stand-in.ts';
import { settle } from './start.ts';
import { NEVER, type State } from './state.ts';
import { roll, scheduleRoll } from './surge.ts';
import { replaceHung } from './watchdog.ts';

const RULES: readonly Rule[] = [
  settle,
  // Before `promote`, which waits for its verdict.
  skipCanary,
  watchCanary,
  judgeCanary,
  giveUp,
  promote,
  reschedule,
  scheduleRoll,
  roll,
  retire,
  kill,
  capOld,
  resend,
  replaceHung,
  weigh,
  relieve,
  recycle,
  scale,
  // Once more, for what fewer slots have made whole; before `fill`, which takes its time.
  reschedule,
  shrink,
  announce,
  beginAgain,
  autoRestart,
  withdraw,
  outdate,
  // Before `fill`, which would spawn an unchecked worker as the candidate's.
  standIn,
  // After all that judge the living: whether one that is spawned now lives nobody has looked.
  fill,
  // Once more, for a spawn that has failed.
  beginAgain,
  giveUp,
];

/** Once we are to end, nobody is wanted any more. */
const AT_THE_END: readonly Rule[] = [kill, resend];

export function applyRules(state: State, isDeadline: boolean): void {
  for (const rule of rulesFor(state)) {
    if (state.ending !== undefined && !AT_THE_END.includes(rule)) continue;
    if (rule.atDeadline && !isDeadline) continue;
    if (rule.amongSeveral && state.workers.length < 2) continue;
    const at = rule.dueAt(state);
    if (at === AT_ONCE || (at < NEVER && at <= state.host.now())) rule.act(state);
  }
}

export function nextDeadline(state: State): number {
  return earliest(state.ending === undefined ? rulesFor(state) : AT_THE_END, ({ dueAt }) => dueAt(state));
}

/** Most policies have no use for a third of them, and after a pause the first call of each takes its time. */
function rulesFor({ policy }: State): readonly Rule[] {
  if (chosen?.policy !== policy) {
    chosen = { policy, rules: RULES.filter(({ isFor }) => isFor?.(policy) ?? true) };
  }
  return chosen.rules;
}

/** For the last policy that was asked about. */
let chosen: { readonly policy: Policy; readonly rules: readonly Rule[] } | undefined;
