// Terminal screens: the commands are typed into a shell, and the program answers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { freePort } from '../../test/support/free-port.ts';
import { screen } from './screen.ts';

const files = '--pid-file=app.pid --status-file=app.status';
const restart = `start-server --restart ${files}; echo "exit status $?"`;

interface Shown {
  readonly title: string;
  readonly command: string;
}

const shots: Readonly<Record<string, Shown>> = {
  'restart.svg': {
    title: 'start-server --restart shows the new worker start, the old one end, and exits with 0.',
    command: restart,
  },
  'broken.svg': {
    title:
      'start-server --restart of a broken release: three attempts fail, the old generation keeps serving, exit status 1.',
    command: restart,
  },
  'status.svg': {
    title:
      'start-server --status shows the workers: the current one and the old one, with pid, age, memory and command.',
    command: 'start-server --status --pid-file=app.pid',
  },
};

/** @param root the directory of the package. */
export async function screens(root: string): Promise<Record<string, string>> {
  const dir = mkdtempSync(join(tmpdir(), 'start-server-docs-'));
  const env = { PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
  const shell = async (command: string) =>
    (await execa('sh', ['-c', command], { cwd: dir, env, all: true, reject: false, stdin: 'ignore' })).all;
  const shoot = async (name: string) => {
    const { title, command } = shots[name] ?? { title: '', command: '' };
    return { [name]: screen(title, `$ ${command}\n${await shell(command)}`.replaceAll(dir, '/srv/app')) };
  };
  const start = (delay: number) =>
    shell(
      `start-server --daemonize --log-file=app.log ${files} --port=127.0.0.1:${port} --max-start-attempts=3 --kill-old-delay=${delay} -- node app.mjs`,
    );
  const stop = () => shell('start-server --stop --pid-file=app.pid --wait-timeout=10');
  const port = await freePort();
  try {
    await shell(`cp '${join(root, 'examples/demo/worker.mjs')}' app.mjs`);
    await start(0);
    const good = await shoot('restart.svg');
    await shell(
      `echo 'throw new Error("no database")' > broken.mjs; mv app.mjs good.mjs; mv broken.mjs app.mjs`,
    );
    const broken = await shoot('broken.svg');
    await stop();
    await shell('mv good.mjs app.mjs');
    await start(30);
    await shell(`start-server --restart --no-wait-old ${files}`);
    return { ...good, ...broken, ...(await shoot('status.svg')) };
  } finally {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
