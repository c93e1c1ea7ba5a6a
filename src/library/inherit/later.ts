// The part of the preload that a server does not need before it listens: for most of them, before they go.

export { forgetRetirement, retire } from '../retire.ts';
export { whenForkListens } from './cluster.ts';
export { listenAlso } from './companions.ts';
export { cannotListen, tellStranger } from './complaints.ts';
export { takeDatagrams } from './datagrams.ts';
export { leaving } from './leaving.ts';
