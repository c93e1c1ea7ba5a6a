import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { describe } from 'vitest';

/**
 * Tests against a real server. Where its commands (or files, by absolute path) are not installed they are skipped, and said to be;
 * with REQUIRE_PEERS=1 they run all the same, and so fail there.
 */
export function describePeer(name: string, commands: readonly string[], tests: () => void): void {
  const missing = commands.filter((command) => !isInstalled(command));
  if (missing.length === 0 || process.env.REQUIRE_PEERS === '1') {
    describe(name, tests);
    return;
  }
  const skipped = `${name} (not installed: ${missing.join(', ')})`;
  process.stderr.write(`SKIPPED: ${skipped}\n`);
  describe.skip(skipped, tests);
}

function isInstalled(command: string): boolean {
  return isAbsolute(command) ? existsSync(command) : fileOf(command) !== undefined;
}

/** Where a command lies on PATH. */
export function fileOf(command: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, command)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
