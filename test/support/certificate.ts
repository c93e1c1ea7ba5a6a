import { execa } from 'execa';
import type { TempDir } from './temp-dir.ts';

/** A file with a key and its certificate, which nobody trusts. */
export async function selfSigned(dir: TempDir): Promise<string> {
  const file = dir.join('pem');
  const names = ['-subj', '/CN=localhost', '-keyout', file, '-out', file];
  await execa('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names]);
  return file;
}
