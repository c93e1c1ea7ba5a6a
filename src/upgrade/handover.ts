// All that one program of this process hands over to the next when it gives way to it: plain values and open
// descriptors. It is text in a memory file, with a version of its own: a program that knows another one takes nothing.

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import packageJson from '../../package.json' with { type: 'json' };
import { closeQuietly, isOpen } from '../posix/file/descriptor.ts';
import { reason } from '../posix/libc/system-error.ts';
import { HANDOVER } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import { handover } from './handover-schema.ts';
import { HANDOVER_VERSION, type Handover, type Holdings } from './holdings.ts';
import { fromText, toText } from './text.ts';

export function handoverText(holdings: Holdings): string {
  return toText({ handover: HANDOVER_VERSION, version: packageJson.version, ...holdings } satisfies Handover);
}

/** Throws StartupError for what another version has written, or nobody who knows what we do. */
export function parseHandover(text: string): Handover {
  const value = parsed(text);
  const version = v.safeParse(v.object({ handover: v.number(), version: v.string() }), value);
  if (version.success && version.output.handover !== HANDOVER_VERSION) {
    const { handover: theirs, version: program } = version.output;
    throw refusal(
      `version ${program} hands over in format ${theirs}, we take over in ${HANDOVER_VERSION} only`,
    );
  }
  const result = v.safeParse(handover, value);
  if (result.success) return result.output;
  const [{ message, path = [] }] = result.issues;
  throw refusal(`${path.map(({ key }) => String(key)).join('.') || 'all of it'}: ${message}`);
}

/** `text`: the descriptors that it comes in, itself and the library that holds signals back; both are closed. */
export function readHandover(text: string): Handover {
  const { handover, library } = /^(?<handover>\d{1,9}) (?<library>\d{1,9})$/.exec(text)?.groups ?? {};
  if (handover === undefined) throw refusal(`${HANDOVER}=${text}: no descriptors`);
  try {
    return parseHandover(readFileSync(`/proc/self/fd/${handover}`, 'utf8'));
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw refusal(`${HANDOVER}=${text}: ${reason(error)}`);
  } finally {
    closeQuietly(Number(handover));
    closeQuietly(Number(library));
  }
}

/** All that are to stay open. */
export function descriptorsOf({ caller, listeners, orphans, left, ...rest }: Holdings): number[] {
  const { pidFile, logCommand, readying, watches, control } = rest;
  const several = [...(control?.socket?.clients ?? []), ...orphans, ...left].map(({ fd }) => fd);
  const watched = Array.from(watches.values(), ({ pipe, socket }) => [pipe?.read, socket?.fd]).flat();
  return [
    ...[0, 1, 2, ...caller.descriptors, ...listeners.map(({ from }) => from), ...several, ...watched],
    ...[pidFile?.fd, logCommand?.read, logCommand?.write, logCommand?.stdout, logCommand?.stderr],
    ...[readying?.slot.from, readying?.slot.nothing, readying?.directory?.fd, control?.socket?.fd],
  ].filter((each) => each !== undefined);
}

/** Throws Error when one of them is not: the new program would find out when there is no way back. */
export function requireOpen(holdings: Holdings): void {
  const closed = descriptorsOf(holdings).filter((fd) => !isOpen(fd));
  if (closed.length > 0) throw new Error(`descriptors that it would need are closed: ${closed.join(', ')}`);
}

function parsed(text: string): unknown {
  try {
    return fromText(text);
  } catch {
    return undefined;
  }
}

function refusal(text: string): StartupError {
  return new StartupError(`cannot take over: ${text}`);
}
