import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execaSync } from 'execa';
import type { TempDir } from './temp-dir.ts';

/** Texts of units by file name. */
export type Units = Readonly<Record<string, string>>;

const examples = new URL('../../examples/systemd/', import.meta.url);

/** NaN where there is no systemd. */
export const systemdVersion = Number(
  /^systemd (\d+)/.exec(String(execaSync({ reject: false })('systemctl', ['--version']).stdout))?.[1],
);

/** Type=notify-reload came with 253. */
export const knowsNotifyReload = systemdVersion >= 253;

/** The text of an example unit, as it stands. */
export function exampleUnit(name: string): string {
  return readFileSync(new URL(name, examples), 'utf8');
}

/** Type=notify in the place of a Type=notify-reload that the installed systemd does not know; HUP is then sent by a command. */
export function forThisSystemd(text: string): string {
  const older = 'Type=notify\nExecReload=/bin/kill -HUP $MAINPID';
  return knowsNotifyReload ? text : text.replace('Type=notify-reload', () => older);
}

export function writeUnits(dir: TempDir, units: Units): void {
  mkdirSync(dir.join('units'));
  for (const [name, text] of Object.entries(units)) writeFileSync(dir.join(`units/${name}`), text);
}
