// Which of the sockets that are open already serves which option of another command line: the one of the same kind at the
// same place. However it is written there: a path may lead through a symbolic link, a name to the same address.

import { sockaddr } from '../posix/socket/sockaddr.ts';
import type { InheritedListener } from './listener.ts';
import { isSamePath } from './match-activated.ts';
import { addressOf, type SocketSpec } from './socket-spec.ts';

/** `specs`: with addresses in the place of names. Each socket serves one of them at most. */
export function matchKept<Open extends InheritedListener>(
  specs: readonly SocketSpec[],
  open: readonly Open[],
): ReadonlyMap<SocketSpec, Open> {
  const left = new Set(open);
  const kept = new Map<SocketSpec, Open>();
  for (const spec of specs) {
    const found = [...left].find((each) => isSamePlace(each.spec, spec));
    if (found === undefined) continue;
    left.delete(found);
    kept.set(spec, found);
  }
  return kept;
}

/** A port that the kernel was to choose it has chosen: asked for again it stays. */
export function isSamePlace(bound: SocketSpec, spec: SocketSpec): boolean {
  if (bound.kind === 'unix') return spec.kind === 'unix' && isSamePath(bound.path, spec.path);
  return bound.kind === spec.kind && sockaddr(addressOf(bound)).equals(sockaddr(addressOf(spec)));
}
