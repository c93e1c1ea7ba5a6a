// Of what is said in quick succession only the newest counts.

export interface Newest<Word> {
  say(word: Word): void;
  /** What has been said and not told yet. */
  unsent(): Word | undefined;
  /** Tells that at once; nothing is said any more. */
  finish(): void;
}

/** Tells the first word at once, later ones no more often than that. */
export function newest<Word>(spacingMs: number, tell: (word: Word) => void): Newest<Word> {
  let word: Word | undefined;
  let spacing: NodeJS.Timeout | undefined;
  const tellNow = () => {
    const said = word;
    word = undefined;
    spacing = said === undefined ? undefined : setTimeout(tellNow, spacingMs);
    if (said !== undefined) tell(said);
  };
  return {
    say: (said) => {
      word = said;
      if (spacing === undefined) tellNow();
    },
    unsent: () => word,
    finish: () => {
      clearTimeout(spacing);
      tellNow();
      clearTimeout(spacing);
    },
  };
}
