// What a figure is measured with, and what it hands back.
import type { Driver } from './driver.ts';
import type { Program } from './programs.ts';

/** The floor is what no superdaemon can beat: a bare fork and exec, a bare node process, a server with none in front. */
export type Side = Program['side'] | 'floor';
export type Samples = Readonly<Record<Side, number[]>>;

export type Rig = {
  readonly driver: Driver;
  readonly programs: readonly Program[];
  readonly worker: string;
  readonly directory: string;
  readonly rounds: number;
  readonly deploys: number;
};

export type Figure = {
  readonly name: string;
  readonly rounds: number;
  readonly measure: (rig: Rig) => Promise<readonly Row[]>;
};

export type Unit = 'ms' | 'KB' | '/min' | 'ms/min' | '/s' | '';

export type Goal =
  | { readonly kind: 'ratio to reference'; readonly atMost: number }
  | { readonly kind: 'value'; readonly atMost: number }
  | { readonly kind: 'above floor'; readonly atMost: number }
  | { readonly kind: 'share of floor'; readonly atLeast: number }
  | { readonly kind: 'share of reference'; readonly atLeast: number };

export type Row = {
  readonly what: string;
  readonly unit: Unit;
  readonly samples: Samples;
  /** Who stands beside ours, where it is not the Perl program. */
  readonly reference?: string;
  readonly floor?: string;
  readonly goal?: Goal;
};

export function newSamples(): Samples {
  return { ours: [], reference: [], floor: [] };
}

/** Ours, the reference, the floor, ours, the reference …: noise from outside falls on all alike. */
export function* interleaved<const Item>(rounds: number, items: readonly Item[]): Generator<Item> {
  for (let round = 0; round < rounds; round += 1) yield* items;
}

export function timesReference(atMost: number): Goal {
  return { kind: 'ratio to reference', atMost };
}
