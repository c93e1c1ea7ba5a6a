// A value as JSON and back. JSON has no infinities, which the table's deadlines may be, no maps, and no undefined: that
// one comes back as null.

const INFINITIES: ReadonlyMap<unknown, string> = new Map([
  [Number.POSITIVE_INFINITY, '∞'],
  [Number.NEGATIVE_INFINITY, '-∞'],
]);

export function toText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Map) return { map: [...each] };
    if (each === undefined) return null;
    const infinity = INFINITIES.get(each);
    return infinity === undefined ? each : { number: infinity };
  });
}

/** Throws SyntaxError for what is no JSON. */
export function fromText(text: string): unknown {
  return JSON.parse(text, (_key, each: unknown) => {
    if (!isObject(each)) return each;
    if (Array.isArray(each.map)) return new Map(each.map as [unknown, unknown][]);
    if (each.number === '∞') return Number.POSITIVE_INFINITY;
    if (each.number === '-∞') return Number.NEGATIVE_INFINITY;
    return each;
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
