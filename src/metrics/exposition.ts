// Families of samples → the text format of Prometheus (0.0.4). Node_exporter's textfile collector and `promtool check metrics`
// read no other: of OpenMetrics they refuse the `info` type and a counter's family without `_total`. `# EOF`, a comment to
// them, is OpenMetrics' sign that all of it is there.

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Without any the family is left out. */
  readonly samples: readonly Sample[];
}

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  /** Behind the family's name: `_sum`, say. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

/** `common`: labels of every sample. */
export function exposition(families: readonly Family[], common: Labels): string {
  const told = families.filter(({ samples }) => samples.length > 0);
  return [...told.flatMap((family) => linesOf(family, common)), '# EOF'].join('\n');
}

function linesOf({ name, type, help, samples }: Family, common: Labels): string[] {
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelsOf({ ...common, ...labels })} ${value}`,
  );
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
