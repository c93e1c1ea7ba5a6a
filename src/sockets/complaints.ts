// What is wrong with our sockets, until it is put right.

import { reason } from '../posix/libc/system-error.ts';
import { StartupError } from '../startup-error.ts';
import type { SocketSpec } from './socket-spec.ts';

/** The same is said once. */
export function complaintsTo(warn: (message: string) => void) {
  const complaints = new Map<string, string>();
  return {
    about: ({ option }: SocketSpec, act: () => void) => {
      try {
        act();
        complaints.delete(option);
      } catch (error) {
        const why =
          error instanceof StartupError ? error.message : `${option}: cannot listen: ${reason(error)}`;
        if (complaints.get(option) !== why)
          warn(`${why}: nobody gets to our socket until a deploy binds it anew`);
        complaints.set(option, why);
      }
    },
    count: () => complaints.size,
    has: ({ option }: SocketSpec) => complaints.has(option),
  };
}
