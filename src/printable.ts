/** Words of strangers for a terminal: nothing in them moves its cursor or ends the line. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** JSON that means what it meant: what it does not escape by itself are DEL and the control characters above it. */
export function printableJson(text: string): string {
  return text.replace(/[\u007f-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
