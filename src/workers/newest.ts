// Of what is said in quick succession only the newest counts.

/** Tells the first word at once, later ones no more often than `spacingMs`. */
export class Newest<Word> {
  readonly #spacingMs: number;
  readonly #tell: (word: Word) => void;
  #word: Word | undefined;
  #spacing: NodeJS.Timeout | undefined;

  constructor(spacingMs: number, tell: (word: Word) => void) {
    this.#spacingMs = spacingMs;
    this.#tell = tell;
  }

  say(word: Word): void {
    this.#word = word;
    if (this.#spacing === undefined) this.#tellNow();
  }

  /** What has been said and not told yet. */
  unsent(): Word | undefined {
    return this.#word;
  }

  /** Tells that at once; nothing is said any more. */
  finish(): void {
    clearTimeout(this.#spacing);
    this.#tellNow();
    clearTimeout(this.#spacing);
  }

  #tellNow(): void {
    const said = this.#word;
    this.#word = undefined;
    this.#spacing = said === undefined ? undefined : setTimeout(() => this.#tellNow(), this.#spacingMs);
    if (said !== undefined) this.#tell(said);
  }
}
