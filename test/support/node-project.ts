import { writeFileSync } from 'node:fs';
import { type TempDir, tempDir } from './temp-dir.ts';

/** What people have: a directory with a program that knows nothing of us, and `npm start`. */
export function nodeProject(code: string, file = 'app.mjs'): TempDir {
  const dir = tempDir();
  writeFileSync(dir.join(file), code);
  const scripts = { start: `node ${file}` };
  writeFileSync(dir.join('package.json'), JSON.stringify({ name: 'app', private: true, scripts }));
  return dir;
}
