/** Of the field of an option: `pidFile` is --pid-file. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The other way round, and what a flag sets it to: --no-wait-old makes `waitOld` false. */
export function fieldOf(name: string): { readonly field: string; readonly flag: boolean } {
  const positive = name.replace(/^no-/, '');
  const field = positive.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return { field, flag: positive === name };
}
