import { expect } from 'vitest';

/** For `openListeners`: a short queue, and nothing of what else there may be. */
export const plainListening = {
  backlog: 4,
  pathAccess: { mode: 0o777, owner: undefined },
  activated: [],
  orphaned: { take: () => undefined, abandoned: new Set<never>(), serve: () => false, poll: () => false },
  blocking: true,
  warn: (line: string) => expect.fail(line),
  passedThrough: [],
  limit: 1024,
  consecutive: false,
  first: 3,
};
