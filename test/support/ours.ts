import { describe, it } from 'vitest';
import { isPackage, isReference } from './program.ts';

// Tests of documented differences: the reference is wrong there, so they are skipped under it, and shown as such.
// FIXES_TOO=1 runs them all the same, which shows that they can fail.
export const skipsFixes = isReference && process.env.FIXES_TOO !== '1';

export const itOurs = it.skipIf(skipsFixes);
/** Tests of what only the launcher can know: skipped, and shown as such, for the single file. */
export const itLaunched = it.skipIf(isPackage);
export const describeOurs = describe.skipIf(skipsFixes);
