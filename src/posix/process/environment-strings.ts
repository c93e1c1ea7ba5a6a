import { toBytes } from '../libc/bytes.ts';
import type { Strings } from '../libc/string-vector.ts';
import type { Environment } from './caller.ts';

/** One that does not last. `NAME=value` each, a NUL behind it: as one text it is much faster than one by one. */
export function environmentStrings(environment: Environment): Strings {
  return { lasting: environmentBytes(environment), own: [] };
}

export function environmentBytes(environment: Environment): Buffer {
  let text = '';
  environment.forEach((value, name) => {
    text += `${name}=${value}\0`;
  });
  return toBytes(text);
}
