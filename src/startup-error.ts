/**
 * Anything that keeps a command from doing its work. Its message is what the user reads, a line for each thing that is
 * wrong; it names option and value.
 */
export class StartupError extends Error {
  override readonly name = 'StartupError';
  /** 3: no superdaemon runs; 2: it took too long; 1: any other. */
  readonly exitStatus: number;

  constructor(message: string, { exitStatus = 1, cause }: { exitStatus?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitStatus = exitStatus;
  }
}
