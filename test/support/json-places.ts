// Where something may stand in a value of JSON's, and the same value with something else there.

export type Place = readonly (string | number)[];

export function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...entries.flatMap(([key, each]) => placesIn(each, [...at, key]))];
}

/** In an array that has no such place it comes behind the others. */
export function withAt(value: unknown, [key, ...rest]: Place, planted: unknown): unknown {
  if (key === undefined) return planted;
  if (Array.isArray(value)) {
    const index = Number(key);
    const changed = withAt(value[index], rest, planted);
    return index in value ? value.with(index, changed) : [...value, changed];
  }
  const fields = value as Record<string, unknown>;
  return { ...fields, [key]: withAt(fields[key], rest, planted) };
}

/** With each line `PLACE=JSON`, as in `workers.0.pid=7`, taken for what is to stand there; those that are none are passed over. */
export function withLines(value: unknown, lines: readonly string[]): unknown {
  return lines.reduce((changed, line) => {
    const { place, text = '' } = /^(?<place>[^=]*)=(?<text>.*)$/s.exec(line)?.groups ?? {};
    if (place === undefined) return changed;
    try {
      return withAt(changed, place.split('.'), JSON.parse(text));
    } catch {
      return changed;
    }
  }, value);
}
