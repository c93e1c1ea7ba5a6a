// Whose parent has ended becomes a child of PID 1, or of a subreaper on the way there: of one of our ancestors, or ours.

import { adoptedBy } from './adopted.ts';
import { parentOf } from './process-facts.ts';

export interface Orphans {
  /** Those that are of interest, in no order. */
  look(): readonly number[];
}

export interface Interest {
  /** Is asked once for each that comes, and again only as long as it says so. */
  readonly isOfInterest: (pid: number) => boolean;
  /** Nobody of interest can be there yet. */
  readonly isFresh: boolean;
  /** Those that come to us are all that are looked for. */
  readonly isReaper?: boolean;
}

export function orphans({ isOfInterest, isFresh, isReaper = false }: Interest): Orphans {
  const adopted = adoptedBy(isReaper ? [process.pid] : lineOfParents());
  let passedOver = new Set(isFresh ? adopted() : []);
  return {
    look: () => {
      const all = adopted();
      const wanted = all.filter((pid) => !passedOver.has(pid) && isOfInterest(pid));
      const isWanted = new Set(wanted);
      passedOver = new Set(all.filter((pid) => !isWanted.has(pid)));
      return wanted;
    },
  };
}

/** We and those above us. Whoever of them ends leaves us, and what he has taken in, to another of them. */
function lineOfParents(): readonly number[] {
  const line: number[] = [];
  for (let pid: number | undefined = process.pid; pid; pid = parentOf(pid)) line.push(pid);
  return line;
}
