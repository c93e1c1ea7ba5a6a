// A case is text: a command line, what lies in its directory, what is done to the running program. Both programs run it
// in the same directory with the same ports, one after the other, so whatever they show differently is their own.

/** One observed fact by its path: `workers.1.umask`. */
export type Observation = ReadonlyMap<string, string>;

export type Step =
  /** Waits until one worker is left, it has reported, and the status file, if any, lists just that one. */
  | 'settled'
  /** Sends HUP, or kills the newest worker, and waits until a newer one has settled. */
  | 'HUP'
  | 'worker dies'
  /** Sends a signal to the program, or to its newest worker, and waits for these words in the log. */
  | { readonly send: string; readonly to?: 'worker'; readonly until: RegExp }
  /** Waits for these words in the log. */
  | { readonly until: RegExp }
  /** Puts a file into the directory, or takes it away. */
  | { readonly write: string; readonly text: string }
  | { readonly remove: string }
  /** Starts the program once more with these words, and ends it as soon as it is seen to run. */
  | { readonly another: string }
  /** Runs the client's program with these words, to its end. */
  | { readonly client: string };

export interface Case {
  readonly name: string;
  /**
   * Words, or a text to be split at blanks. `{dir}`, `{port}`, `{port2}`, `{port3}` are filled in, `{worker}` becomes
   * the words of the inspecting worker. A character stands for the byte of its number.
   */
  readonly words: string | readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Files and, with a name that ends in a slash, directories that are there before. */
  readonly files?: Readonly<Record<string, string>>;
  /** A shell script run in the directory before: for sockets, links and the like. */
  readonly prepare?: string;
  /** A command that ends by executing the program in its own place. */
  readonly via?: readonly string[];
  /** Descriptors handed over as 3, 4, … (a file each, or a gap). */
  readonly descriptors?: readonly ('file' | undefined)[];
  /** The reference ends by itself: anything else that it does so for is a mistake of the case's. */
  readonly ends?: true;
  /** Where no worker reports: words in the log that show that the program is at work. */
  readonly first?: RegExp;
  readonly steps?: readonly Step[];
  /** The signal that ends it, TERM unless said otherwise; 'itself' when a step has seen to that. */
  readonly stop?: string;
  /** What the reference is given instead, where only ours understands the words. */
  readonly instead?: string | readonly string[];
  /** Needs the launcher: see `itLaunched`. */
  readonly launched?: true;
  /** Entries of the list in differences.ts that show here. */
  readonly differences?: readonly string[];
}

/** Which program is the superdaemon, and which the client. */
export interface Pair {
  readonly superdaemon: string;
  readonly client: string;
  /** Words that the client gets besides. */
  readonly clientWords?: readonly string[];
}
