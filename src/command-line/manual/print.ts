// Run by the build: the manual page on standard output.

import { manualPage } from './manual-page.ts';

process.stdout.write(manualPage());
