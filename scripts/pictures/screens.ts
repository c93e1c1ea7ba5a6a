// Terminal screens: the commands are typed into a shell, and the program answers.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { freePort } from '../../test/support/free-port.ts';
import { screen } from './screen.ts';

const files = '--pid-file=app.pid --status-file=app.status';
const restart = `start-server --restart ${files}; echo "exit status $?"`;

interface Shot {
  readonly title: string;
  readonly command: string;
  /** What has to be seen, or the picture would show something else than it says. */
  readonly shows: RegExp;
}

const good: Shot = {
  title: 'start-server --restart shows the new worker start, the old one end, and exits with 0.',
  command: restart,
  shows: /sending TERM to old workers:\d+\n.*\nold worker \d+ died, status:0\nexit status 0$/,
};

const broken: Shot = {
  title:
    'start-server --restart of a broken release: three attempts fail, the old generation keeps serving, exit status 1.',
  command: restart,
  shows: /giving up after 3 attempts, generation 2 keeps serving\n.*\nexit status 1$/,
};

const status: Shot = {
  title:
    'start-server --status shows the workers: the current one and the old one, with pid, age, memory and command.',
  command: 'start-server --status --pid-file=app.pid',
  shows: /: serving\n(.*\n)+ +1 +old .*\n +2 +current .*node app\.mjs\n/,
};

const program = `
import { serve } from 'superdaemon';
await serve((_, answer) => answer.end('hello\\n'));
`;

/** @param root the directory of the package. */
export async function screens(root: string): Promise<Record<string, string>> {
  using app = applicationIn(root);
  const { write, shell, shoot } = app;
  const port = await freePort();
  const start = (delay: number) =>
    shell(
      `start-server --daemonize --log-file=app.log ${files} --port=127.0.0.1:${port} --ready=notify --max-start-attempts=3 --kill-old-delay=${delay} -- node app.mjs`,
    );
  const stop = () => shell('start-server --stop --pid-file=app.pid --wait-timeout=10');
  try {
    write(program);
    await start(0);
    const pictures = { 'restart.svg': await shoot(good) };
    write('throw new Error("no database");');
    Object.assign(pictures, { 'broken.svg': await shoot(broken) });
    await stop();
    write(program);
    await start(30);
    await shell(`start-server --restart --no-wait-old ${files}`);
    return { ...pictures, 'status.svg': await shoot(status) };
  } finally {
    await stop();
  }
}

/** A directory with the library installed, and a shell in it that finds the program. */
function applicationIn(root: string) {
  const dir = mkdtempSync(join(tmpdir(), 'start-server-docs-'));
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/superdaemon'));
  const env = { PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` };
  const shell = async (command: string) =>
    (await execa('sh', ['-c', command], { cwd: dir, env, all: true, reject: false, stdin: 'ignore' })).all;
  const shoot = async ({ title, command, shows }: Shot) => {
    const shown = (await shell(command)).replaceAll(dir, '/srv/app');
    if (!shows.test(shown)) throw new Error(`"${title}" is not what is shown:\n${shown}`);
    return screen(title, `$ ${command}\n${shown}`);
  };
  return {
    write: (text: string) => writeFileSync(join(dir, 'app.mjs'), text),
    shell,
    shoot,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
