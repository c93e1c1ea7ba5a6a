// Between a signal and who listens to it. Node binds `process.emit`, as it is then, when somebody listens to a signal for the
// first time: so this has to stand there before the program runs.

export interface SignalGate {
  /** Whether what is emitted with these arguments is kept from those who listen. */
  holds: (args: readonly unknown[]) => boolean;
  /** To those who listen. */
  pass(args: readonly unknown[]): void;
}

export function signalGate(): SignalGate {
  const emit = process.emit as (...args: unknown[]) => boolean;
  const gate: SignalGate = {
    holds: () => false,
    pass: (args) => void emit.apply(process, [...args]),
  };
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    return gate.holds(args) || emit.apply(this, args);
  } as typeof process.emit;
  return gate;
}
