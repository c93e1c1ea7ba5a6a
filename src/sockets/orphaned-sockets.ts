import type { SocketSpec } from './socket-spec.ts';

export interface OrphanedSockets {
  /** Our descriptor of the one for this option, the caller's from now on; undefined: there is none. */
  take(spec: SocketSpec): number | undefined;
  /** We could not have those: whoever serves them, they are replaced. */
  readonly abandoned: ReadonlySet<SocketSpec>;
  /** Whether there is anybody left who serves them. */
  serve(): boolean;
}
