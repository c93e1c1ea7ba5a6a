// The library for worker programs: the sockets that they inherit, the word that they are ready, and how they go. It is
// bundled by itself, so it imports nothing of the superdaemon and no package.

export { alive } from './alive.ts';
export { type Fallback, type Listener, listen } from './listen.ts';
export { ready } from './ready.ts';
export { replace } from './replace.ts';
export { type Retirement, retire } from './retire.ts';
export { type Service, serve } from './serve.ts';
export { serverPorts } from './server-ports.ts';
