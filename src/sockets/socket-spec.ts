// The text of --port and --path → a value that says what to bind and how the worker will call it.

import { toBytes } from '../posix/libc/bytes.ts';
import { platform } from '../posix/libc/platform.ts';
import { isIpAddress } from '../posix/socket/ip-address.ts';
import type { InternetAddress } from '../posix/socket/sockaddr.ts';
import { StartupError } from '../startup-error.ts';

export type SocketSpec = InternetSpec | UnixSpec;

export interface InternetSpec {
  readonly kind: 'tcp' | 'udp';
  readonly family: 'ipv4' | 'ipv6';
  /** An address or, for IPv4 and until it is resolved, a name. */
  readonly host: string;
  readonly port: number;
  /** The descriptor that the worker is to find it at. */
  readonly fd: number | undefined;
  /** What SERVER_STARTER_PORT calls it. */
  readonly name: string;
  /** The option as given, for messages. */
  readonly option: string;
}

export interface UnixSpec {
  readonly kind: 'unix';
  readonly path: string;
  readonly fd: undefined;
  readonly name: string;
  readonly option: string;
}

/** Of one that is resolved (resolve.ts). */
export function addressOf({ family, host, port }: InternetSpec): InternetAddress {
  return { family, host, port };
}

export const MAX_PORT = 65_535;

/** Behind the last colon: a port with optional `u` and `=fd`; white space around each part is allowed. */
const PORT = /^(?<udp>u?)(?<port>\d+)\s*(?:=\s*(?<fd>\d+))?$/;

export function parsePort(text: string): InternetSpec {
  const option = `--port=${text}`;
  const colon = text.lastIndexOf(':');
  const host = colon === -1 ? undefined : text.slice(0, colon).trim();
  const { udp, port = '', fd } = PORT.exec(text.slice(colon + 1).trim())?.groups ?? {};
  if (port === '' || isUrl(text))
    throw new StartupError(
      `${option}: not a port, host:port, port=fd or host:port=fd${isUrl(text) ? ', but a URL' : ''}`,
    );
  if (Number(port) > MAX_PORT) throw new StartupError(`${option}: a port is at most ${MAX_PORT}`);
  return {
    kind: udp === 'u' ? 'udp' : 'tcp',
    ...parseHost(host, port, option),
    port: Number(port),
    fd: fd === undefined ? undefined : parseDescriptor(fd, option),
    option,
  };
}

/** Of --worker-port: TCP, and an address, for it is bound when nobody waits for a name server. */
export function parseWorkerPort(text: string, option: string): InternetSpec {
  const spec = renamed(text, option);
  if (spec.kind === 'udp') throw new StartupError(`${option}: TCP only`);
  if (spec.fd !== undefined) throw new StartupError(`${option}: its descriptor cannot be chosen`);
  if (spec.port === 0) throw new StartupError(`${option}: needs a port, the first of a row`);
  const host = spec.host === 'localhost' ? '127.0.0.1' : spec.host;
  if (!isIpAddress(spec.family, host)) throw new StartupError(`${option}: ${host} is no address`);
  return { ...spec, host };
}

function renamed(text: string, option: string): InternetSpec {
  try {
    return { ...parsePort(text), option };
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    throw new StartupError(error.message.replaceAll('--port=', '--worker-port='), { cause: error });
  }
}

export function parsePath(path: string): UnixSpec {
  const option = `--path=${path}`;
  if (path === '') throw new StartupError(`${option}: needs a path`);
  const longest = platform.unixPathBytes - 1;
  const bytes = toBytes(path).length;
  if (bytes > longest) {
    throw new StartupError(`${option}: ${bytes} bytes, but the path of a socket has at most ${longest}`);
  }
  if (!canBeNamed(path)) {
    throw new StartupError(`${option}: SERVER_STARTER_PORT cannot name a path with a semicolon or a newline`);
  }
  return { kind: 'unix', path, fd: undefined, name: path, option };
}

/** SERVER_STARTER_PORT puts semicolons between names, and clients of the reference read it as a line. */
export function canBeNamed(path: string): boolean {
  return !/[;\n\0]/.test(path);
}

function isUrl(text: string): boolean {
  return /^\s*\w+:\/\//.test(text);
}

/** A host with a colon is IPv6, in brackets or not; brackets around anything else are dropped. */
function parseHost(
  host: string | undefined,
  port: string,
  option: string,
): Pick<InternetSpec, 'family' | 'host' | 'name'> {
  if (host === undefined) return { family: 'ipv4', host: '0.0.0.0', name: port };
  const bare = /^\[(?<inside>.*)\]$/s.exec(host)?.groups?.inside?.trim() ?? host;
  if (bare.includes(':')) {
    if (!isIpAddress('ipv6', bare)) throw new StartupError(`${option}: ${bare} is no IPv6 address`);
    return { family: 'ipv6', host: bare, name: `[${bare}]:${port}` };
  }
  if (bare === '' || bare === '*')
    throw new StartupError(
      `${option}: ${JSON.stringify(bare)} is no host: the port alone, --port=${port}, means all addresses`,
    );
  if (!/^[\w.-]+$/.test(bare)) throw new StartupError(`${option}: ${JSON.stringify(bare)} is no host`);
  return { family: 'ipv4', host: bare, name: `${bare}:${port}` };
}

function parseDescriptor(text: string, option: string): number {
  const fd = Number(text);
  if (fd > 0x7fff_ffff) throw new StartupError(`${option}: ${text} is no descriptor number`);
  return fd;
}
