/** Anything that keeps us from starting. Its message is the line that the user reads: it names option and value. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
