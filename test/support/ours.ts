import { describe, it } from 'vitest';
import { isReference } from './program.ts';

// Tests of documented differences: the reference is wrong there, so they are skipped under it, and shown as such.
// FIXES_TOO=1 runs them all the same, which shows that they can fail.
export const skipsFixes = isReference && process.env.FIXES_TOO !== '1';

export const itOurs = it.skipIf(skipsFixes);
export const describeOurs = describe.skipIf(skipsFixes);
