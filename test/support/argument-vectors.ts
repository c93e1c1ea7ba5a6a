import fc from 'fast-check';

/** What an option may be given: `good` mostly works, `bad` mostly does not. A flag takes no value. */
type Values = { readonly good: readonly string[]; readonly bad: readonly string[] } | 'flag';

// No value is a port other than 0 or an absolute path but `/`: whatever a vector says, it only concerns sockets of a
// moment and the directory that it runs in.
const number: Values = {
  good: ['0', '1', '+0', '1_0', '007'],
  bad: ['-1', '1.5', '1e3', '0x1', 'x', '', '2147483648', '9'.repeat(400)],
};
const signal: Values = {
  good: ['TERM', 'sigquit', 'USR1', '15'],
  bad: ['0', '99', 'BOGUS', 'SIG', 'SIGSIGTERM', '', 'ß'],
};
const file: Values = {
  good: ['a', 'b', 'c', 'd', 'ü→😀', ' ', 'a b', 'a=b', '-'],
  bad: ['a;b', 'a\nb', '--', '.', '', 'missing/a', 'x'.repeat(107), 'x'.repeat(300)],
};
const port: Values = {
  good: [
    '0',
    'u0',
    '127.0.0.1:0',
    '127.0.0.1:u0',
    '[::1]:0',
    '::1:0',
    'localhost:0',
    ' 0 ',
    '0=9',
    '0=0',
    '0=2',
  ],
  bad: [
    '99999',
    'x',
    ':',
    '',
    '127.0.0.1',
    '*:0',
    '[::zz]:0',
    '0=',
    '0=-1',
    '0=9999999',
    `0=${'9'.repeat(30)}`,
    '０',
  ],
};

const options: Readonly<Record<string, Values>> = {
  port,
  path: file,
  dir: { good: ['.', '/', '..'], bad: ['missing', '', 'ü'] },
  interval: number,
  'signal-on-hup': signal,
  'signal-on-term': signal,
  'pid-file': file,
  'status-file': file,
  envdir: { good: ['.', 'env'], bad: file.bad },
  'log-file': { good: ['log', '| cat > log', '|cat>>log'], bad: ['|', '| exit 3', '.', 'missing/log', ''] },
  backlog: number,
  'kill-old-delay': number,
  'auto-restart-interval': number,
  'enable-auto-restart': 'flag',
  daemonize: 'flag',
};

const clients = ['--restart', '--stop', '--upgrade', '--help', '--version', '--rest', '-v', '+h'];
const strange = [
  ...clients,
  '--',
  '-',
  '---',
  '--=',
  '--=x',
  '-=',
  '+',
  '++',
  '--bogus',
  '--bogus=1',
  '-x',
  '--no-help',
];
const veryStrange = ['--ünï', '', '\n', '--\n', 'x'.repeat(100_000), '--daemonize=1'];

const commands = [['true'], ['sleep', '1000'], ['sleep', '1000'], ['sh', '-c', 'exit 3']];
const badCommands = [['./missing'], ['.'], [''], []];

/** As people type it. */
const goodOption = fc
  .record({ name: fc.constantFrom(...Object.keys(options)), joined: fc.boolean(), pick: fc.nat() })
  .map(({ name, joined, pick }) =>
    spelled(`--${name}`, pickFrom(options[name], 'good', pick), joined ? '=' : ' '),
  );

/** As people mistype it. */
const badOption = fc
  .record({
    name: fc.constantFrom(...Object.keys(options)),
    dash: fc.constantFrom('--', '-', '+', '---'),
    kept: fc.integer({ min: 1, max: 25 }),
    capital: fc.boolean(),
    form: fc.constantFrom('=', ' ', 'no value'),
    pick: fc.nat(),
  })
  .map(({ name, dash, kept, capital, form, pick }) => {
    const typed = `${dash}${(capital ? name.toUpperCase() : name).slice(0, kept)}`;
    return spelled(typed, pickFrom(options[name], 'bad', pick), form);
  });

const strangeWord = fc.constantFrom(...strange, ...veryStrange).map((word) => [word]);

const sensible = fc.record({
  options: fc.array(goodOption, { maxLength: 5 }),
  dashes: fc.boolean(),
  command: fc.constantFrom(...commands),
});

const senseless = fc.record({
  options: fc.array(fc.oneof(goodOption, goodOption, badOption, strangeWord), { maxLength: 6 }),
  dashes: fc.boolean(),
  command: fc.constantFrom(...commands, ...badCommands),
});

/** Command lines, sensible and not; those that start something start a harmless worker. */
export const argumentVectors: fc.Arbitrary<string[]> = fc
  .oneof(sensible, senseless)
  .map(({ options, dashes, command }) => [...options.flat(), ...(dashes ? ['--'] : []), ...command]);

function pickFrom(values: Values | undefined, kind: 'good' | 'bad', pick: number): string | undefined {
  if (values === undefined || values === 'flag') return undefined;
  return values[kind][pick % values[kind].length];
}

/** A flag gets no value: it would be taken for the name of a program. */
function spelled(typed: string, value: string | undefined, form: string): string[] {
  if (value === undefined || form === 'no value') return [typed];
  return form === '=' ? [`${typed}=${value}`] : [typed, value];
}
