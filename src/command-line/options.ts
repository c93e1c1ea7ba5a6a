// The command line → one frozen Invocation, fully parsed: nothing behind this file looks at option text again.

import type { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { StartupError } from '../startup-error.ts';
import { asksRunning, clientInvocation } from './client-options.ts';
import { contradictions } from './contradictions.ts';
import { getoptLong, type OptionName } from './getopt-long.ts';
import type { Given } from './given.ts';
import type { Invocation } from './invocation.ts';
import { briefHelp } from './manual/brief-help.ts';
import { helpEpilogue } from './manual/help-epilogue.ts';
import { beyondReference, defineOptions, type Problems } from './option-table.ts';
import { withDefaults } from './with-defaults.ts';

export interface CommandLine {
  readonly words: readonly string[];
  /** POSIXLY_CORRECT is set: options end at the first word that is none. */
  readonly posixlyCorrect: boolean;
}

/** Throws StartupError with a line for each option that is wrong. */
export function parseOptions({ words, posixlyCorrect }: CommandLine): Invocation {
  const problems: Problems = { ofType: [], ofMeaning: [] };
  const program = defineOptions(problems);
  const spelling = getoptLong(words, optionNames(program), posixlyCorrect);
  program.parse(spelling.options, { from: 'user' });
  const misspelled = [...spelling.errors, ...problems.ofType];
  if (misspelled.length > 0) refuse([...misspelled, ...problems.ofMeaning]);
  const given = withoutEmpty(program.opts<Given>());
  if (given.help === 'all') return { kind: 'print', text: `${program.helpInformation()}\n${helpEpilogue}` };
  if (given.help) return { kind: 'print', text: briefHelp() };
  if (given.version) return { kind: 'print', text: packageJson.version };
  refuse(contradictions(given));
  if (given.completion) return { kind: 'completion', shell: given.completion };
  const client = clientInvocation(given, spelling);
  const isWhole = client?.kind === 'upgrade' && client.options.words !== undefined;
  if (client !== undefined && !isWhole) return client;
  refuse(problems.ofMeaning);
  const options = Object.freeze(withDefaults(given, spelling.command));
  if (client !== undefined) return client;
  if (given.printUnit) {
    const words = spelling.options.filter((word) => !/^--print-unit(?:=|$)/.test(word));
    return {
      kind: 'print-unit',
      unit: given.printUnit === true ? 'notify' : given.printUnit,
      options,
      words,
    };
  }
  return { kind: given.dryRun ? 'dry-run' : 'start', options };
}

/** Whether the log is to be JSON, and with it what we say, whatever else is wrong with the command line. */
export function wantsJson({ words, posixlyCorrect }: CommandLine): boolean {
  const program = defineOptions({ ofType: [], ofMeaning: [] });
  const { options } = getoptLong(words, optionNames(program), posixlyCorrect);
  const format = options.filter((each) => each.startsWith(FORMAT)).at(-1);
  return format === `${FORMAT}json` && !asksRunning(options);
}

const FORMAT = '--log-format=';

function refuse(errors: readonly string[]): void {
  if (errors.length > 0) throw new StartupError(errors.join('\n'));
}

/**
 * An empty word is as good as no option, as in the reference: scripts write `--pid-file "$PIDFILE"`. But for --envdir the
 * workers see it, and for --dir they would run elsewhere than was meant.
 */
function withoutEmpty(given: Given): Given {
  const meant = Object.entries(given).filter(([name, value]) => value !== '' || /^(env)?dir$/.test(name));
  return Object.fromEntries(meant);
}

function optionNames(program: Command): OptionName[] {
  return program.options.map(({ long, required, optional }) => {
    const name = long?.slice(2) ?? '';
    return { name, takesValue: required, mayTakeValue: optional, ofReference: !beyondReference.has(name) };
  });
}
