import { StartupError } from '../startup-error.ts';

/** Those that --completion knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

export function parseShell(text: string): Shell {
  const shell = shells.find((each) => each === text);
  if (shell === undefined) throw new StartupError(`--completion=${text}: not one of ${shells.join(', ')}`);
  return shell;
}
