// The signals of Linux, on x86-64 and arm64, and of macOS, by number. node:os has them, too, but to load that takes half a
// millisecond of each start.

export interface SignalList {
  /** Their names without `SIG`, from 1. */
  readonly names: readonly string[];
  /** Other names of some of them. */
  readonly synonyms: readonly (readonly [name: string, usual: string])[];
}

const linux: SignalList = {
  names: (
    'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
    'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
  ).split(' '),
  synonyms: [
    ['IOT', 'ABRT'],
    ['POLL', 'IO'],
  ],
};

const darwin: SignalList = {
  names: (
    'HUP INT QUIT ILL TRAP ABRT EMT FPE KILL BUS SEGV SYS PIPE ALRM TERM URG ' +
    'STOP TSTP CONT CHLD TTIN TTOU IO XCPU XFSZ VTALRM PROF WINCH INFO USR1 USR2'
  ).split(' '),
  synonyms: [['IOT', 'ABRT']],
};

/** By name, `SIG` and all. */
export function signalNumbers(system: NodeJS.Platform): ReadonlyMap<string, number> {
  const { names, synonyms } = system === 'darwin' ? darwin : linux;
  const numbers = new Map(names.map((name, index) => [`SIG${name}`, index + 1]));
  for (const [name, usual] of synonyms) numbers.set(`SIG${name}`, names.indexOf(usual) + 1);
  return numbers;
}
