import { execa } from 'execa';
import { eventually } from './eventually.ts';
import { tempDir } from './temp-dir.ts';

export interface Terminal extends AsyncDisposable {
  /** What is on its screen, lines without the blanks at their ends. */
  screen(): Promise<string>;
  /** The same with its colours, as escape sequences. */
  colours(): Promise<string>;
  /** The screen, once `expected` is true of it. */
  shows(expected: (screen: string) => void): Promise<string>;
  /** Words are typed, `C-c` and the like are keys. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** As by its window: whoever has it is hung up on. */
  close(): Promise<void>;
}

/** A real terminal (tmux), with a shell in it whose prompt is `$ `. */
export async function openTerminal(
  size: readonly [columns: number, rows: number],
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const dir = tempDir();
  const tmux = async (...words: readonly string[]) =>
    (await execa('tmux', ['-S', dir.join('tmux'), '-f', '/dev/null', ...words], { env })).stdout;
  const [columns, rows] = size.map(String);
  await tmux('new-session', '-d', '-x', columns ?? '', '-y', rows ?? '', 'env', 'PS1=$ ', 'sh');
  const screen = () => tmux('capture-pane', '-p');
  // What is typed sooner stands before the prompt.
  await eventually(async () => {
    if ((await screen()).trim() !== '$') throw new Error('no prompt');
  });
  return {
    screen,
    colours: () => tmux('capture-pane', '-p', '-e'),
    shows: (expected) =>
      eventually(async () => {
        const shown = await screen();
        expected(shown);
        return shown;
      }),
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    resize: async (width, height) =>
      void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
    close: async () => void (await tmux('kill-server')),
    [Symbol.asyncDispose]: async () => {
      // It may be closed.
      await tmux('kill-server').catch(() => {});
      dir[Symbol.dispose]();
    },
  };
}
