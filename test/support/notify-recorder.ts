import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { eventually } from './eventually.ts';
import type { TempDir } from './temp-dir.ts';

export interface NotifyRecorder extends AsyncDisposable {
  /** What NOTIFY_SOCKET is to be. */
  readonly name: string;
  /** Every message until now, its newlines as `\n`, with numbers that differ from run to run masked. */
  readonly conversation: () => string[];
  readonly waitFor: (message: string) => Promise<void>;
}

const script = fileURLToPath(new URL('../workers/notify-recorder.pl', import.meta.url));

/** Listens as a service manager does. */
export async function recordNotifications(dir: TempDir, name = dir.join('notify')): Promise<NotifyRecorder> {
  const file = dir.join('conversation');
  const recorder = execa('perl', [script, name, file], { reject: false });
  await eventually(() => readFileSync(file));
  const conversation = () => masked(readFileSync(file, 'utf8')).split('\n').slice(0, -1);
  return {
    name,
    conversation,
    waitFor: (message) =>
      eventually(() => {
        if (!conversation().includes(message))
          throw new Error(`no ${message} in\n${conversation().join('\n')}`);
      }),
    [Symbol.asyncDispose]: async () => {
      recorder.kill('SIGKILL');
      await recorder;
    },
  };
}

/** Pids by the order in which they appear, P1, P2, …; times as T. */
function masked(text: string): string {
  const pids: string[] = [];
  return text
    .replace(/(MONOTONIC_USEC=)\d+/g, '$1T')
    .replace(/(pid |MAINPID=|worker |workers:|,)(\d+)/g, (_, before: string, pid: string) => {
      if (!pids.includes(pid)) pids.push(pid);
      return `${before}P${pids.indexOf(pid) + 1}`;
    });
}
