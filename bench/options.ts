import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.ts';
import type { Figure } from './rig.ts';

export type Options = {
  readonly help: boolean;
  readonly json: boolean;
  readonly rounds?: number;
  readonly deploys: number;
  readonly only: readonly string[];
};

const DEPLOYS = 100;

export function parseOptions(words: readonly string[]): Options {
  const values = parsed(words);
  return {
    help: values.help === true,
    json: values.json === true,
    ...(values.rounds === undefined ? {} : { rounds: count('rounds', values.rounds) }),
    deploys: values.deploys === undefined ? DEPLOYS : count('deploys', values.deploys),
    only: values.only ?? [],
  };
}

export function usage(figures: readonly Figure[]): string {
  return `npm run bench -- [options]

  --only=NAME    measure this figure alone (repeatable): ${figures.map(({ name }) => name).join(', ')}
  --rounds=N     rounds of each figure, instead of its own default
  --deploys=N    deploys of the growth figure (default ${DEPLOYS})
  --json         every sample, for machines

The environment variable START_SERVER names another program to measure in the place of ours.`;
}

export function chosen(figures: readonly Figure[], only: readonly string[]): readonly Figure[] {
  const unknown = only.find((name) => !figures.some((figure) => figure.name === name));
  if (unknown !== undefined) throw new BenchError(`--only=${unknown}: no such figure; try --help`);
  return only.length === 0 ? figures : figures.filter(({ name }) => only.includes(name));
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean' },
        json: { type: 'boolean' },
        rounds: { type: 'string' },
        deploys: { type: 'string' },
        only: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new BenchError(`--${name}=${text}: a whole number from 1 up is due`);
  return Number(text);
}
