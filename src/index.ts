// The library for worker programs: the sockets that they inherit, the word that they are ready, and how they go. It is
// bundled by itself, so it imports nothing of the superdaemon and no package.

export { type Fallback, type Listener, listen } from './library/listen.ts';
export { ready } from './library/ready.ts';
export { type Retirement, retire } from './library/retire.ts';
export { type Service, serve } from './library/serve.ts';
export { serverPorts } from './library/server-ports.ts';
