/** Words of strangers for a terminal: nothing in them moves its cursor or ends the line. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
