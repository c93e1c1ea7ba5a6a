export interface Fault {
  /** Which program of the process, or which one on trial. */
  readonly image: string;
  /** The call, and the functions that lead to it. */
  readonly call: string;
  /** How often it was made before, and once more. */
  readonly nth: number;
  /** An errno, or how else it fails (ways.cjs); KILL: the process is killed as it makes it. */
  readonly way: string;
}

export interface Call extends Omit<Fault, 'way'> {
  readonly ways: readonly string[];
}

export const faultText = ({ image, call, nth, way }: Fault): string =>
  `${way} in ${image}: ${call}${nth === 1 ? '' : `, the ${nth}th`}`;

/** It lasts: whatever program of the process makes the call, each time that it makes it. */
export interface Trouble {
  readonly since: 'the start' | 'it serves';
  /** What the call's text begins with, whole words; empty: every call that can fail this way. */
  readonly call: string;
  /** An errno. */
  readonly way: string;
}

export const troubleText = ({ since, call, way }: Trouble): string =>
  `${way} since ${since}: ${call || 'all calls'}`;
