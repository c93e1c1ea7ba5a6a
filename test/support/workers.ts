import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url));

/** Answers on every inherited socket, TCP, Unix or UDP, with the line `GENERATION PID`; blocks in accept. */
export const echoPerl: readonly string[] = ['perl', file('echo.pl')];
/** The same, which has written over its environment. */
export const disguisedPerl: readonly string[] = ['perl', file('disguised.pl')];
/** The same, which spoils the sockets that it shares when it goes: SPOIL=shutdown, unlink or linger. */
export const spoiler: readonly string[] = ['perl', file('spoiler.pl')];
/** The same in Node, for TCP and Unix sockets. */
export const echoNode: readonly string[] = [process.execPath, file('echo.mjs')];
/** Lives, and dies, as the environment says, and keeps a transcript: see transcript.ts. */
export const actor: readonly string[] = ['perl', file('actor.pl')];
/** Reports its whole state: see inspect.ts. */
export const inspector: readonly string[] = ['perl', file('inspect.pl')];
/** Prints its two variables, `SERVER_STARTER_PORT` in quotes, and waits. */
export const printer: readonly string[] = ['sh', file('print.sh')];
/** Tells, by itself, when it is ready: see teller.pl and teller.ts. */
export const teller: readonly string[] = ['perl', file('teller.pl')];
