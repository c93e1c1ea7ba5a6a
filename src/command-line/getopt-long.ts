// The spellings of Perl's Getopt::Long → one plain form. Names ignore case and may be cut to any prefix that is
// unambiguous; one dash, two, or a plus; `--opt value` or `--opt=value`; options count after the command's first word
// too, up to the first `--`. POSIXLY_CORRECT takes all but the dashes and the case away.
// A flag of ours may be what callers of the reference write for one of its options, cut short: `--status FILE` is
// --status-file there, and is here. So it is ours only where no value can be meant: nothing follows, or a dash does.

import { nearestName } from './nearest-name.ts';

export interface OptionName {
  readonly name: string;
  readonly takesValue: boolean;
  /** A flag that takes a value behind an equals sign, too. */
  readonly mayTakeValue?: boolean;
  /** The reference knows it: only the others of its own make a prefix ambiguous. */
  readonly ofReference: boolean;
}

export interface Spelling {
  /** `--name` or `--name=value` each, in order. */
  readonly options: readonly string[];
  /** The words that are no options: the worker's command. */
  readonly command: readonly string[];
  /** A line for each word that is no option of ours. */
  readonly errors: readonly string[];
}

export function getoptLong(
  words: readonly string[],
  names: readonly OptionName[],
  posixlyCorrect: boolean,
): Spelling {
  const options: string[] = [];
  const command: string[] = [];
  const errors: string[] = [];
  const rest = [...words];
  const option = posixlyCorrect ? POSIX_OPTION : OPTION;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') break;
    const { typed, inline } = option.exec(word)?.groups ?? {};
    if (typed === undefined) {
      command.push(word);
      if (posixlyCorrect) break;
      continue;
    }
    const hasValue = inline !== undefined || canBeValue(rest[0]);
    const found = lookUp(typed, names, { posixlyCorrect, hasValue });
    const spelt = spell(found, { word, inline, next: () => rest.shift() });
    if ('error' in spelt) errors.push(spelt.error);
    else options.push(spelt.option);
  }
  return { options, command: [...command, ...rest], errors };
}

interface Typed {
  readonly word: string;
  /** Behind an equals sign. */
  readonly inline: string | undefined;
  /** Takes the next word. */
  readonly next: () => string | undefined;
}

type Spelt = { readonly option: string } | { readonly error: string };

/** `found`: the option, or what is wrong. */
function spell(found: OptionName | string, { word, inline, next }: Typed): Spelt {
  if (typeof found === 'string') return { error: `${word}: ${found}` };
  const { name, takesValue, mayTakeValue } = found;
  if (takesValue) {
    const value = inline ?? next();
    const isMissing = value === undefined || inline === '';
    return isMissing ? { error: `--${name}: needs a value` } : { option: `--${name}=${value}` };
  }
  if (inline === undefined) return { option: `--${name}` };
  return mayTakeValue ? { option: `--${name}=${inline}` } : { error: `${word}: --${name} takes no value` };
}

const OPTION = /^(?:--|-|\+)(?<typed>[^=]+)(?:=(?<inline>.*))?$/s;
const POSIX_OPTION = /^(?:--|-)(?<typed>[^=]+)(?:=(?<inline>.*))?$/s;

/** Of a word that begins with a dash a person sees an option, whatever the reference would take it for. */
function canBeValue(word: string | undefined): boolean {
  return word !== undefined && !/^-./s.test(word);
}

interface ParserState {
  readonly posixlyCorrect: boolean;
  /** A value is there, for an option that takes one. */
  readonly hasValue: boolean;
}

/** The option meant, or what is wrong. */
function lookUp(
  typed: string,
  names: readonly OptionName[],
  { posixlyCorrect, hasValue }: ParserState,
): OptionName | string {
  const prefix = typed.toLowerCase();
  const exact = names.find(({ name }) => name === prefix);
  const possible = posixlyCorrect ? [] : names.filter(({ name }) => name.startsWith(prefix));
  const known = possible.filter(({ ofReference }) => ofReference);
  if (exact !== undefined) return (hasValue && cutShort(exact, known)) || exact;
  const [first, ...others] = known.length > 0 ? known : possible;
  if (first === undefined) return noSuchOption(prefix, names);
  if (others.length === 0) return first;
  return `ambiguous: ${[first, ...others].map(({ name }) => `--${name}`).join(', ')}`;
}

/** The reference's option that a flag of ours is the beginning of, if it takes the value and is the only one. */
function cutShort(exact: OptionName, known: readonly OptionName[]): OptionName | undefined {
  const [only, ...others] = known;
  return !exact.ofReference && !exact.takesValue && only?.takesValue && others.length === 0
    ? only
    : undefined;
}

/** Where no letters tell what is meant. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([['reload', 'restart']]);

function noSuchOption(typed: string, names: readonly OptionName[]): string {
  const nearest =
    SYNONYMS.get(typed) ??
    nearestName(
      typed,
      names.map(({ name }) => name),
    );
  return nearest === undefined ? 'no such option' : `no such option; did you mean --${nearest}?`;
}
