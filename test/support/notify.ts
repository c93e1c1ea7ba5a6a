import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TempDir } from './temp-dir.ts';

/** Where a worker is told to say that it is ready; empty where it is told of no socket. */
export function notifySocketOf(pid: number): string {
  const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  return variables.find((each) => each.startsWith('NOTIFY_SOCKET='))?.slice('NOTIFY_SOCKET='.length) ?? '';
}

export const notifyDirectoryOf = (pid: number): string => dirname(notifySocketOf(pid));

/** The directories of notify sockets in this one. */
export const notifyDirectories = ({ path }: TempDir): string[] =>
  readdirSync(path).filter((name) => name.startsWith('start-server-'));
