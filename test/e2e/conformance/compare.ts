import type { Observation } from './case.ts';
import { type Difference, differences } from './differences.ts';

export interface Comparison {
  readonly reference: Observation;
  /** The reference with the words that make it do what ours is to do, where it cannot do that with the case's. */
  readonly instead: Observation | undefined;
  readonly ours: Observation;
  /** The differences that are to show. */
  readonly named: readonly string[];
}

/** A readable account of how ours differs from what the reference and the named differences make us expect; '' if not. */
export function disagreements({ reference, instead, ours, named }: Comparison): string {
  const expected = new Map(instead ?? reference);
  const problems = named.flatMap((name) => apply(byName(name), expected));
  if (instead && differing(reference, instead).length === 0)
    problems.push('the reference needs no other words');
  const accounts = differing(expected, ours).map((path) => account(path, expected, ours));
  return [...new Set([...problems, ...accounts])].join('\n');
}

/** The paths of the facts that are not the same; to have given up is never as it should be. */
function differing(one: Observation, other: Observation): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths.filter((path) => path === 'gave up' || one.get(path) !== other.get(path));
}

export function byName(name: string): Difference {
  const found = differences.find((difference) => difference.name === name);
  if (found === undefined) throw new Error(`no difference is called "${name}"`);
  return found;
}

/** Changes what is expected; a line for each change that would change nothing here. */
function apply({ name, changes }: Difference, expected: Map<string, string>): string[] {
  return changes.flatMap(({ observation, ours }) => {
    const all = typeof observation === 'string' ? [observation] : [...expected.keys()];
    const paths = all.filter((path) => typeof observation === 'string' || observation.test(path));
    const changed = paths.filter((path) => {
      const before = expected.get(path);
      const fact = ours(before ?? '');
      if (fact === undefined) expected.delete(path);
      else expected.set(path, fact);
      return fact !== before;
    });
    return changed.length > 0 ? [] : [`the difference "${name}" does not show in ${observation}`];
  });
}

function account(path: string, expected: Observation, ours: Observation): string {
  const worker = /^workers\.\d+/.exec(path)?.[0] ?? '';
  if (!has(expected, worker)) return `${worker}: only ours`;
  if (!has(ours, worker)) return `${worker}: only expected`;
  return [path, ...show('expected', expected.get(path)), ...show('ours', ours.get(path))].join('\n');
}

function has(observation: Observation, prefix: string): boolean {
  return [...observation.keys()].some((path) => path.startsWith(prefix));
}

function show(whose: string, fact: string | undefined): string[] {
  if (fact === undefined) return [`  ${whose}: nothing`];
  const lines = fact.trimEnd().split('\n');
  if (lines.length === 1) return [`  ${whose}: ${lines[0]}`];
  return [`  ${whose}:`, ...lines.map((line) => `    ${line}`)];
}
