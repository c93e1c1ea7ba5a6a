// Makes the tables of docs/reference.md and docs/interface.md anew out of the option rows and the facts of the manual page.

import { readFileSync, writeFileSync } from 'node:fs';
import { referencePages, withReferenceTables } from '../src/command-line/manual/reference-tables.ts';

for (const page of referencePages) writeFileSync(page, withReferenceTables(readFileSync(page, 'utf8')));
