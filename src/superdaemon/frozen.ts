/** What a deploy has looked up once, for each of its workers, however late it is started. */
export interface Frozen {
  /** Without symbolic links; undefined: the superdaemon's own. */
  readonly directory: string | undefined;
  readonly envdir: ReadonlyMap<string, string>;
}
