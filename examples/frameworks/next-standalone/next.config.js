import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

// Both say where node_modules is: Next would look for the outermost lock file.
export default { output: 'standalone', outputFileTracingRoot: root, turbopack: { root } };
