// What a unit is made of: a command line, and what is known of the machine that it was given on.

import type { UnitKind } from '../../command-line/option-values.ts';
import type { StartOptions } from '../../command-line/start-options.ts';
import type { Environment } from '../../posix/process/caller.ts';

export interface UnitRequest {
  readonly kind: UnitKind;
  /** Hosts are addresses. */
  readonly options: StartOptions;
  /** Its options, plainly spelt. */
  readonly words: readonly string[];
}

export interface UnitWorld {
  /** The words that start this program. */
  readonly program: readonly string[];
  /** Where it was given. */
  readonly directory: string;
  readonly environment: Environment;
  /** undefined: there is nothing. */
  readonly ownerOf: (path: string) => number | undefined;
  /** Of this uid; a number, where there is no name. */
  readonly userName: (uid: number) => string;
  /** Where a program lies along a path. */
  readonly find: (program: string, path: string) => string | undefined;
}

/** A request with all of its files, each by its whole path. */
export interface Located extends UnitRequest {
  /** For its files, and for people. */
  readonly name: string;
  readonly pidFile: string;
  readonly statusFile: string | undefined;
  /** What the superdaemon makes, by the option that names it. */
  readonly made: readonly MadeFile[];
  /** What it uses besides. */
  readonly used: readonly string[];
}

export interface MadeFile {
  readonly option: string;
  readonly path: string;
}
