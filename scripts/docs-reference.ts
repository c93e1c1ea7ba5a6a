// Makes the tables of docs/reference.md anew out of the option rows and the facts of the manual page.

import { readFileSync, writeFileSync } from 'node:fs';
import { withReferenceTables } from '../src/command-line/manual/reference-tables.ts';

const page = 'docs/reference.md';

writeFileSync(page, withReferenceTables(readFileSync(page, 'utf8')));
