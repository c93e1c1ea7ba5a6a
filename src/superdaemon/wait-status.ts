// How a process has ended, from its raw wait status.

/** undefined: nobody can tell. */
export function endInWords(status: number | undefined): string {
  if (status === undefined) return 'ended';
  const end = endOf(status);
  if ('exitCode' in end) return `ended with exit status ${end.exitCode}`;
  const name = NAMES.get(end.signalNumber);
  return `was ended by ${name === undefined ? `signal ${end.signalNumber}` : `SIG${name}`}`;
}

export function endOf(status: number): { readonly exitCode: number } | { readonly signalNumber: number } {
  const signalNumber = status & 0x7f;
  return signalNumber === 0 ? { exitCode: status >> 8 } : { signalNumber };
}

/** Those that have the same number on every system. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'HUP'],
  [2, 'INT'],
  [3, 'QUIT'],
  [4, 'ILL'],
  [5, 'TRAP'],
  [6, 'ABRT'],
  [8, 'FPE'],
  [9, 'KILL'],
  [11, 'SEGV'],
  [13, 'PIPE'],
  [14, 'ALRM'],
  [15, 'TERM'],
]);
