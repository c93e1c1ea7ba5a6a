/** Whoever starts a superdaemon, but for the environment. */
export const bareCaller = {
  words: [],
  otherEntries: [],
  openFilesLimit: 1024,
  blockedSignals: [],
  ignoredSignals: [],
  descriptors: [],
  program: undefined,
  launcher: undefined,
} as const;
