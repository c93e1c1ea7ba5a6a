// Where standard output and error go, ours and the workers': they stay until set-up is complete, then `redirect`
// points descriptors 1 and 2 at the log, so that every worker inherits it without further ado.

import type { InheritedLogCommand, LogCommandOptions, Streams } from './supervised-command.ts';

export type LogTarget =
  | { readonly kind: 'standard-error' }
  | { readonly kind: 'file'; readonly path: string }
  /** A shell command that reads the log. */
  | { readonly kind: 'command'; readonly command: string };

export interface Output extends Disposable {
  redirect(): void;
  /** Gives the original streams back, for an error that the caller is to see. */
  restore(): void;
  /** For him who sees the original standard error, as long as that is needed. */
  tellCaller(text: string): void;
  /** The caller is to be told nothing more. */
  settle(): void;
  /** Opens a log file anew, under its name, for our lines and for later workers; false when there is none to reopen. */
  reopen(): boolean;
  /** What the successor needs besides descriptors 1 and 2. */
  forSuccessor(): InheritedOutput;
}

export interface InheritedOutput {
  readonly logCommand: InheritedLogCommand | undefined;
  /** Those of the start, while a log is in their place; undefined: they cannot be gone back to. */
  readonly streams: Streams | undefined;
}

export const asItIs: Output = {
  redirect: () => {},
  restore: () => {},
  tellCaller: () => {},
  settle: () => {},
  reopen: () => false,
  forSuccessor: () => ({ logCommand: undefined, streams: undefined }),
  [Symbol.dispose]: () => {},
};

export interface OutputOptions extends LogCommandOptions {
  /** A daemon. */
  readonly inBackground: boolean;
}
