// What is opened for a command line, field by field, when it comes from another program.

import * as v from 'valibot';
import { count, maybe } from './table-schema.ts';

export const fd = count;

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

export const listener = v.object({
  spec: v.variant('kind', [internetSpec, unixSpec]),
  name: v.string(),
  fdName: maybe(v.string()),
  file: maybe(v.string()),
  backlog: v.optional(maybe(count), null),
  from: fd,
  to: fd,
});

export const workerPorts = v.array(v.object({ slot: count, listeners: v.array(listener) }));

export const readiness = v.object({
  slot: v.object({ from: fd, to: fd, nothing: fd }),
  directory: maybe(v.object({ fd, path: v.string() })),
});
