import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The start_server under test: ours, or the one that START_SERVER names (the Perl reference, say). */
export const program =
  process.env.START_SERVER ?? fileURLToPath(new URL('../../bin/start-server', import.meta.url));

/** True when it is the single file: what the launcher bin/start-server notes in front of Node, nobody notes there. */
export const isPackage = program.endsWith('/dist/package/start-server');

/** True when the program under test is the Perl reference, for which documented fixes do not hold. */
export const isReference =
  process.env.REFERENCE === '1' || (program.startsWith('/usr/bin/') && basename(program) === 'start_server');
