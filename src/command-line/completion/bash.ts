import type { Completed, Offer } from './completion.ts';

/** For bash 4 or later. It makes a word of each `=`, as readline's default word breaks have it. */
export function bashCompletion(options: readonly Completed[]): string {
  const names = options.map(({ name, value }) => `--${name}${value === undefined ? '' : '='}`);
  const values = options.flatMap(({ name, value }) =>
    value === undefined ? [] : [`    --${name}) ${offering(value.offer)} ;;`],
  );
  return `# bash completion for start-server
_start_server() {
  local current=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    [[ \${COMP_WORDS[index]} == -- ]] || continue
    if ((index == COMP_CWORD - 1)); then _start_server_offer -c; else _start_server_offer -f; fi
    return
  done
  if [[ $current == = ]]; then
    current=
  elif [[ $option == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $option in
${values.join('\n')}
    *)
      [[ $current == -* ]] || { _start_server_offer -c; return; }
      _start_server_offer -W '${names.join(' ')}'
      ;;
  esac
}
_start_server_offer() {
  [[ $1 == -W ]] || compopt -o filenames
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$current")
  [[ \${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace
}
complete -F _start_server start-server start_server
`;
}

function offering(offer: Offer): string {
  switch (offer) {
    case undefined:
      return ':';
    case 'file':
      return '_start_server_offer -f';
    case 'directory':
      return '_start_server_offer -d';
    case 'command':
      return '_start_server_offer -c';
    default:
      return `_start_server_offer -W '${offer.join(' ')}'`;
  }
}
