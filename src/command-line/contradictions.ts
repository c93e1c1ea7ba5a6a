// What of a command line cannot be meant together.

import type { Given } from './given.ts';
import { longName } from './long-name.ts';

/** The commands; the reference lets one of its own win over another, of ours none is a surprise. */
const OURS = [
  'status',
  'events',
  'metrics',
  'upgrade',
  'scale',
  'dryRun',
  'printUnit',
  'completion',
] as const;
const COMMANDS = [...OURS, 'restart', 'stop'] as const;

/** What means nothing without one of the others. */
const NEEDS: readonly (readonly [option: keyof Given, ...needed: (keyof Given)[]])[] = [
  ['json', 'status'],
  ['watch', 'status'],
  ['cancel', 'restart'],
  ['canaryCheck', 'canary'],
  ['freeze', 'dir', 'envdir'],
  ['startAtOnce', 'workers'],
  ['surge', 'workers'],
];

/** A line for each thing that cannot be meant. */
export function contradictions(given: Given): string[] {
  const [first, second] = COMMANDS.filter((each) => given[each] !== undefined);
  const isOurs = OURS.some((each) => each === first);
  return [
    ...(first && second && isOurs ? [`${longName(first)}: not together with ${longName(second)}`] : []),
    ...(given.printUnit && given.daemonize
      ? ['--print-unit: not together with --daemonize: systemd keeps it in the foreground']
      : []),
    ...(given.watch && given.json ? ['--watch: not together with --json'] : []),
    ...NEEDS.filter(
      ([option, ...needed]) =>
        given[option] !== undefined && needed.every((each) => given[each] === undefined),
    ).map(needsText),
  ];
}

function needsText([option, ...needed]: (typeof NEEDS)[number]): string {
  return `${longName(option)}: needs ${needed.map(longName).join(' or ')}`;
}
