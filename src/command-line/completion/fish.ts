import type { Completed, Offer } from './completion.ts';

export function fishCompletion(options: readonly Completed[]): string {
  const commands = ['start-server', 'start_server'].flatMap((command) => [
    `complete -c ${command} -f -a '(__fish_complete_subcommand)'`,
    ...options.map((option) => `complete -c ${command} ${switches(option)}`),
  ]);
  return ['# fish completion for start-server', ...commands, ''].join('\n');
}

function switches({ name, help, value }: Completed): string {
  const taken = value === undefined ? '' : ` ${offering(value.offer)}`;
  return `-l ${name}${taken} -d ${quoted(help)}`;
}

function offering(offer: Offer): string {
  switch (offer) {
    case undefined:
      return '-x';
    case 'file':
      return '-r -F';
    case 'directory':
      return "-x -a '(__fish_complete_directories)'";
    case 'command':
      return "-x -a '(__fish_complete_command)'";
    default:
      return `-x -a ${quoted(offer.join(' '))}`;
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
