/** Of the field that commander keeps an option's value in: `pidFile` is --pid-file. */
export function longName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
