// The state of an upgrade, field by field, as it has to look when it comes from another program.

import * as v from 'valibot';
import { fd, listener, readiness, workerPorts } from './opened-schema.ts';
import { status } from './status-schema.ts';
import { count, maybe, pid, signal, table } from './table-schema.ts';
import { type PredecessorState, STATE_FORMAT } from './upgrade-state.ts';

const variables = v.map(v.string(), v.string());

const caller = v.object({
  words: v.array(v.string()),
  environment: variables,
  otherEntries: v.array(v.string()),
  openFilesLimit: v.number(),
  blockedSignals: v.array(count),
  ignoredSignals: v.array(count),
  descriptors: v.array(fd),
  program: maybe(v.string()),
});

const scaling = v.union([v.object({ to: count }), v.object({ by: v.pipe(v.number(), v.integer()) })]);

const event = v.variant('kind', [
  v.object({ kind: v.literal('signal'), signal }),
  v.object({ kind: v.picklist(['request', 'cancel']), request: count }),
  v.object({
    ...{ kind: v.literal('death'), pid, status: maybe(v.number()) },
    left: v.optional(v.array(pid)),
  }),
  v.object({ kind: v.literal('forsaken') }),
  v.object({ kind: v.literal('tree-ended'), pid }),
  v.object({ kind: v.literal('scale'), request: count, scaling }),
  v.object({
    kind: v.literal('reconfigure'),
    request: count,
    words: v.array(v.string()),
    directory: v.string(),
  }),
  v.object({ kind: v.picklist(['ready', 'alive', 'replace']), attempt: count }),
  v.object({ kind: v.literal('checked'), generation: count, refusal: maybe(v.string()) }),
  v.object({ kind: v.literal('judged'), attempt: count, refusal: maybe(v.string()) }),
  v.object({ kind: v.literal('tried'), trial: count, refusal: maybe(v.string()) }),
]);

const logCommand = v.object({ read: fd, write: fd, stdout: fd, stderr: fd, pid: maybe(pid) });

const watch = v.object({
  pipe: maybe(v.object({ read: fd, text: v.string() })),
  socket: maybe(v.object({ fd, path: v.string() })),
  status: maybe(v.string()),
});

const client = v.object({
  fd,
  number: count,
  stage: v.picklist(['asking', 'listening', 'leaving']),
  received: v.string(),
  unsent: v.string(),
  feed: maybe(v.object({ names: maybe(v.array(v.string())), lost: count })),
});

const control = v.object({ fd, requests: count, clients: v.array(client) });

const hooks = v.object({
  running: maybe(v.object({ pid, until: v.number(), command: v.string(), trigger: v.string() })),
  waiting: v.array(v.object({ command: v.string(), variables })),
  dropped: count,
});

const tree = v.object({
  generation: count,
  worker: maybe(count),
  pid,
  mark: maybe(v.string()),
  isAdopted: v.boolean(),
  told: maybe(signal),
  members: v.array(v.object({ pid, fd, command: v.string() })),
});

export const predecessorState = v.object({
  format: v.literal(STATE_FORMAT),
  /** The program's. */
  version: v.string(),
  caller,
  table,
  events: v.array(event),
  pidFile: maybe(v.object({ fd, file: v.string() })),
  listeners: v.array(listener),
  workerPorts,
  logCommand: maybe(logCommand),
  streams: maybe(v.object({ stdout: fd, stderr: fd })),
  readiness: maybe(readiness),
  earlier: v.array(
    v.object({
      since: count,
      words: v.array(v.string()),
      listeners: v.array(listener),
      workerPorts,
      readiness: maybe(readiness),
    }),
  ),
  /** By the worker's pid. */
  watches: v.map(v.number(), watch),
  orphans: v.array(v.object({ pid, fd })),
  mains: v.array(v.object({ worker: pid, pid, fd, told: maybe(signal) })),
  left: v.array(v.object({ generation: count, leftBy: pid, pid, command: v.string(), fd })),
  trees: v.array(tree),
  control: maybe(control),
  status,
  hooks: maybe(hooks),
  /** What the log has not written. */
  log: v.string(),
  /** What the envdir held last. */
  envdir: variables,
  stored: v.array(v.string()),
  /** Lines of messages for the service manager. */
  unsent: v.array(v.array(v.string())),
}) satisfies v.GenericSchema<unknown, PredecessorState>;
