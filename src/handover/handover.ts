// All that one program of this process hands over to the next when it gives way to it: plain values and open
// descriptors. It is text in a memory file, with a version of its own: a program that knows another one takes nothing.

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import packageJson from '../../package.json' with { type: 'json' };
import { HANDOVER } from '../posix/caller.ts';
import { closeQuietly } from '../posix/descriptor.ts';
import { reason } from '../posix/system-error.ts';
import { StartupError } from '../startup-error.ts';
import { HANDOVER_VERSION, type Handover, type Holdings } from './holdings.ts';
import { count, maybe, pid, signal, table } from './table-schema.ts';
import { fromText, toText } from './text.ts';

const fd = count;
const variables = v.map(v.string(), v.string());

const caller = v.object({
  words: v.array(v.string()),
  environment: variables,
  openFilesLimit: v.number(),
  blockedSignals: v.array(count),
  ignoredSignals: v.array(count),
  descriptors: v.array(fd),
  program: maybe(v.string()),
});

const event = v.variant('kind', [
  v.object({ kind: v.literal('signal'), signal }),
  v.object({ kind: v.literal('request'), request: count }),
  v.object({ kind: v.literal('death'), pid, status: v.number() }),
  v.object({ kind: v.literal('ready'), generation: count }),
  v.object({ kind: v.literal('checked'), generation: count, refusal: maybe(v.string()) }),
  v.object({ kind: v.literal('proved'), refusal: maybe(v.string()) }),
]);

const internetSpec = v.object({
  kind: v.picklist(['tcp', 'udp']),
  family: v.picklist(['ipv4', 'ipv6']),
  host: v.string(),
  port: count,
  fd: maybe(fd),
  name: v.string(),
  option: v.string(),
});

const unixSpec = v.object({
  kind: v.literal('unix'),
  path: v.string(),
  fd: v.pipe(
    v.null(),
    v.transform(() => undefined),
  ),
  name: v.string(),
  option: v.string(),
});

const listener = v.object({
  spec: v.variant('kind', [internetSpec, unixSpec]),
  name: v.string(),
  fdName: maybe(v.string()),
  file: maybe(v.string()),
  from: fd,
  to: fd,
});

const logCommand = v.object({ read: fd, write: fd, stdout: fd, stderr: fd, pid: maybe(pid) });

const watch = v.object({
  pipe: maybe(v.object({ read: fd, text: v.string() })),
  socket: maybe(v.object({ fd, path: v.string() })),
});

const client = v.object({ fd, number: count, heard: v.string(), listens: v.boolean() });

const control = v.object({
  socket: maybe(v.object({ fd, requests: count, clients: v.array(client) })),
  workers: v.array(
    v.object({
      generation: count,
      pid,
      phase: v.picklist(['starting', 'current', 'old', 'leaving']),
      spawnedAt: v.number(),
      status: maybe(v.string()),
    }),
  ),
});

const handover = v.object({
  handover: v.literal(HANDOVER_VERSION),
  /** The program's. */
  version: v.string(),
  caller,
  table,
  events: v.array(event),
  pidFile: maybe(v.object({ fd, file: v.string() })),
  listeners: v.array(listener),
  logCommand: maybe(logCommand),
  readying: maybe(v.object({ slot: v.object({ from: fd, to: fd, nothing: fd }), directory: v.string() })),
  /** By the worker's pid. */
  watches: v.map(v.number(), watch),
  control: maybe(control),
  /** What the log has not written. */
  log: v.string(),
  /** What the envdir held last. */
  envdir: variables,
}) satisfies v.GenericSchema<unknown, Handover>;

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
export function descriptorsOf({ caller, listeners, ...rest }: Holdings): number[] {
  const { pidFile, logCommand, readying, watches, control } = rest;
  const clients = control?.socket?.clients ?? [];
  const watched = Array.from(watches.values(), ({ pipe, socket }) => [pipe?.read, socket?.fd]).flat();
  return [
    ...[
      0,
      1,
      2,
      ...caller.descriptors,
      ...listeners.map(({ from }) => from),
      ...clients.map((each) => each.fd),
    ],
    ...[pidFile?.fd, logCommand?.read, logCommand?.write, logCommand?.stdout, logCommand?.stderr],
    ...[readying?.slot.from, readying?.slot.nothing, control?.socket?.fd, ...watched],
  ].filter((each) => each !== undefined);
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
