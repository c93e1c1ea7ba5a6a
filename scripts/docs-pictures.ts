// Makes the pictures of the documentation: `npm run docs`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawn } from './pictures/drawn.ts';
import { underLoad } from './pictures/measured.ts';
import { screens } from './pictures/screens.ts';

// It is bundled into dist/, so this is the package's root.
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/pictures');

mkdirSync(folder, { recursive: true });
for (const [name, draw] of Object.entries(drawn)) write(name, draw());
write('under-load.svg', await underLoad());
for (const [name, picture] of Object.entries(await screens(root))) write(name, picture);

function write(name: string, picture: string): void {
  writeFileSync(join(folder, name), picture);
}
