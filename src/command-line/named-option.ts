import { Option } from 'commander';

/** commander asks each option for its name several times, and works it out each time: a millisecond of every start. */
export class NamedOption extends Option {
  #name: string | undefined;

  override attributeName(): string {
    this.#name ??= super.attributeName();
    return this.#name;
  }
}
