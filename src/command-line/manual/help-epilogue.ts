import { examples, signals, workersSockets } from './facts.ts';

/** What --help ends with. */
export const helpEpilogue = [
  'Signals',
  ...signals.map(([names, text]) => `  ${names.padEnd(35)}${text}`),
  '',
  'Sockets',
  ...workersSockets.map((line) => `  ${line}`),
  '',
  'Example',
  ...examples.map((line) => `  ${line}`),
].join('\n');
