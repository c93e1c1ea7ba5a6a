// Makes a failing list short enough to read: drops parts of it, then makes each item simpler, as long as it still fails.

export interface Shrinking<Item> {
  readonly fails: (candidate: readonly Item[]) => Promise<boolean>;
  /** The simplest first. */
  readonly simpler: (item: Item) => readonly Item[];
}

export async function shrink<Item>(items: readonly Item[], how: Shrinking<Item>): Promise<readonly Item[]> {
  let smallest = items;
  for (;;) {
    const next = await simplifyEach(await dropParts(smallest, how), how);
    if (JSON.stringify(next) === JSON.stringify(smallest)) return next;
    smallest = next;
  }
}

async function dropParts<Item>(items: readonly Item[], { fails }: Shrinking<Item>): Promise<readonly Item[]> {
  let smallest = items;
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let end = smallest.length; end > 0; end -= size) {
      const candidate = smallest.filter((_, index) => index < end - size || index >= end);
      if (await fails(candidate)) smallest = candidate;
    }
  }
  return smallest;
}

async function simplifyEach<Item>(items: readonly Item[], how: Shrinking<Item>): Promise<readonly Item[]> {
  let smallest = items;
  for (const [index, item] of items.entries()) {
    for (const simpler of how.simpler(item)) {
      const candidate = smallest.with(index, simpler);
      if (!(await how.fails(candidate))) continue;
      smallest = candidate;
      break;
    }
  }
  return smallest;
}
