// The state of an upgrade as text, and what it names: plain values and open
// descriptors. It is text in a memory file, with a version of its own: a program that knows another one takes nothing.

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import packageJson from '../../package.json' with { type: 'json' };
import { closeQuietly, isOpen } from '../posix/file/descriptor.ts';
import { reason } from '../posix/libc/system-error.ts';
import { PREDECESSOR_STATE } from '../posix/process/caller.ts';
import { StartupError } from '../startup-error.ts';
import { fromText, toText } from './json.ts';
import { predecessorState } from './state-schema.ts';
import { type PredecessorState, STATE_FORMAT, type UpgradeState } from './upgrade-state.ts';

export function stateText(state: UpgradeState): string {
  return toText({ format: STATE_FORMAT, version: packageJson.version, ...state } satisfies PredecessorState);
}

/** Throws StartupError for what another version has written, or nobody who knows what we do. */
export function parseState(text: string): PredecessorState {
  const value = parsed(text);
  const version = v.safeParse(v.object({ format: v.number(), version: v.string() }), value);
  if (version.success && version.output.format !== STATE_FORMAT) {
    const { format: theirs, version: program } = version.output;
    throw refusal(`version ${program} writes its state in format ${theirs}, we read ${STATE_FORMAT} only`);
  }
  const result = v.safeParse(predecessorState, value);
  if (result.success) return result.output;
  const [{ message, path = [] }] = result.issues;
  throw refusal(`${path.map(({ key }) => String(key)).join('.') || 'all of it'}: ${message}`);
}

/**
 * `text`: the descriptors that it comes in, itself and the library that holds signals back; both are closed. Behind them may be `again`
 * (once-more.ts).
 */
export function readState(text: string): PredecessorState {
  const { state, library } = /^(?<state>\d{1,9}) (?<library>\d{1,9})(?: again)?$/.exec(text)?.groups ?? {};
  if (state === undefined) throw refusal(`${PREDECESSOR_STATE}=${text}: no descriptors`);
  try {
    return parseState(readPersistently(`/proc/self/fd/${state}`));
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw refusal(`${PREDECESSOR_STATE}=${text}: ${reason(error)}`);
  } finally {
    closeQuietly(Number(state));
    closeQuietly(Number(library));
  }
}

/** There is no way back: what the kernel refuses for a moment is to orphan nobody. */
function readPersistently(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return readFileSync(path, 'utf8');
  }
}

/** All that are to stay open. */
export function descriptorsOf(state: UpgradeState): number[] {
  const { caller, orphans, mains, left, earlier, trees, ...rest } = state;
  const { pidFile, logCommand, streams, watches, control } = rest;
  const opened = [rest, ...earlier].flatMap(descriptorsOpened);
  const held = trees.flatMap(({ members }) => members);
  const several = [...(control?.clients ?? []), ...orphans, ...mains, ...left, ...held].map(({ fd }) => fd);
  const watched = Array.from(watches.values(), ({ pipe, socket }) => [pipe?.read, socket?.fd]).flat();
  return [
    ...[0, 1, 2, ...caller.descriptors, ...opened, ...several, ...watched, control?.fd],
    ...[pidFile?.fd, logCommand?.read, logCommand?.write, logCommand?.stdout, logCommand?.stderr],
    ...[streams?.stdout, streams?.stderr],
  ].filter((each) => each !== undefined);
}

type Opened = Pick<UpgradeState, 'listeners' | 'workerPorts' | 'readiness'>;

/** For a command line. */
function descriptorsOpened({ listeners, workerPorts, readiness }: Opened): (number | undefined)[] {
  const sockets = [...listeners, ...workerPorts.flatMap((each) => each.listeners)];
  const { slot, directory } = readiness ?? {};
  return [...sockets.map(({ from }) => from), slot?.from, slot?.nothing, directory?.fd];
}

/** Throws Error when one of them is not: the new program would find out when there is no way back. */
export function requireOpen(state: UpgradeState): void {
  const closed = descriptorsOf(state).filter((fd) => !isOpen(fd));
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
