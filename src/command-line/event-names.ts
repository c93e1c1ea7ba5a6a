// Which events: the text of an option → their names.

import { StartupError } from '../startup-error.ts';
import { eventNames } from '../superdaemon/log-level.ts';
import { nearestName } from './nearest-name.ts';

export function parseEventNames(text: string, option: string): readonly string[] {
  const names = text.split(',').map((each) => each.trim());
  for (const name of names) {
    if (eventNames.includes(name)) continue;
    const nearest = nearestName(name, eventNames);
    const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    throw new StartupError(`${option}: no such event: ${name || '(none)'}${hint}`);
  }
  return names;
}
