import { type Exit, type SuperdaemonOptions, startSuperdaemon } from './superdaemon.ts';

export interface Run extends Exit {
  readonly stdout: string;
  readonly stderr: string;
  /** How many processes were still there when it had ended. */
  readonly leftBehind: number;
}

/** Runs the program to its end, for commands and errors; an error when it does not end within the limit. */
export async function run(
  args: readonly string[],
  options: SuperdaemonOptions & { readonly withinMs?: number } = {},
): Promise<Run> {
  await using superdaemon = startSuperdaemon(args, options);
  const exit = await superdaemon.ended(options.withinMs ?? 10_000);
  return {
    ...exit,
    stdout: superdaemon.output(),
    stderr: superdaemon.log(),
    leftBehind: superdaemon.processes().length,
  };
}
