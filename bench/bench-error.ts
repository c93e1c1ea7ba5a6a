/** The message is the line that the user reads. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
