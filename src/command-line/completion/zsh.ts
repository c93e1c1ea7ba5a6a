import type { Completed, Offer } from './completion.ts';

/** To be sourced, or to be put as `_start-server` into a directory of $fpath. */
export function zshCompletion(options: readonly Completed[]): string {
  return `#compdef start-server start_server
_start_server() {
  _arguments -S \\
${options.map((option) => `    ${quoted(specOf(option))} \\`).join('\n')}
    '(-)1:program:_command_names -e' \\
    '*::argument:_normal'
}
if [[ $funcstack[1] == _start-server ]]; then
  _start_server "$@"
else
  compdef _start_server start-server start_server
fi
`;
}

function specOf({ name, help, repeatable, value }: Completed): string {
  const star = repeatable ? '*' : '';
  const explained = `[${help.replace(/[[\]\\]/g, '\\$&')}]`;
  if (value === undefined) return `${star}--${name}${explained}`;
  return `${star}--${name}=${explained}:${plain(value.name)}:${action(value.offer)}`;
}

function action(offer: Offer): string {
  switch (offer) {
    case undefined:
      return ' ';
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'command':
      return '_command_names -e';
    default:
      return `{${added('', offer.filter(isWhole))}${added(
        "-S '' ",
        offer.filter((each) => !isWhole(each)),
      )}}`;
  }
}

function added(flags: string, words: readonly string[]): string {
  return words.length === 0 ? '' : `compadd ${flags}-- ${words.map(plain).join(' ')};`;
}

/** It wants nothing behind it but a blank. */
function isWhole(word: string): boolean {
  return !word.endsWith(':');
}

function plain(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
