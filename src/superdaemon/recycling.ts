// When and why a worker is to be replaced by another one of its release.

export type RecycleReason = 'age' | 'memory' | 'asked';

export interface Recycling {
  /** undefined: by its age, if by anything. */
  readonly reason: RecycleReason | undefined;
  /** Its slot is being filled again, while it serves. */
  readonly isUnderWay: boolean;
  /** Of the last sample. */
  readonly bytes: number;
  /** Samples in a row that were too large. */
  readonly tooLarge: number;
  /** Attempts to replace it. */
  readonly failures: number;
  readonly notBefore: number;
}

export const NOT_RECYCLED: Recycling = {
  reason: undefined,
  isUnderWay: false,
  bytes: 0,
  tooLarge: 0,
  failures: 0,
  notBefore: Number.NEGATIVE_INFINITY,
};
