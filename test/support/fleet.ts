// "Hosts" on this machine: a directory and a superdaemon each, laid out as examples/fleet wants them.

import { chmodSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { publishedGenerations } from './deploy.ts';
import { eventually } from './eventually.ts';
import { program } from './program.ts';
import { type Superdaemon, startSuperdaemon } from './superdaemon.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface Fleet extends AsyncDisposable {
  /** Rolls a release; the exit status and what Ansible said. */
  readonly roll: (
    release: string,
  ) => Promise<{ readonly exitCode: number | undefined; readonly output: string }>;
  /** `HOST RELEASE starts` and `HOST RELEASE ends`, in the order in which the workers wrote them. */
  readonly transcript: () => string[];
  /** The generations that a host publishes just now. */
  readonly generations: (host: string) => number[];
  /** The release that a host's link names. */
  readonly current: (host: string) => string;
  /** From now on, no worker of that release starts on that host. */
  readonly breakRelease: (host: string, release: string) => void;
  /** Stops a host's superdaemon. */
  readonly stop: (host: string) => Promise<void>;
}

const playbook = new URL('../../examples/fleet/roll.yml', import.meta.url);

const serving = `note() { echo "$HOST $(basename "$(pwd -P)") $1" >> "$TRANSCRIPT"; }
trap 'note ends; kill $!; exit 0' TERM
note starts
sleep 1000 & wait
`;

/** The texts of the releases' programs, by name; all hosts start with the one called first. */
const releases = { one: serving, two: serving };

export async function startFleet(hosts: readonly string[]): Promise<Fleet> {
  const dir = tempDir();
  writeFileSync(dir.join('roll.yml'), readFileSync(playbook, 'utf8'));
  writeFileSync(dir.join('inventory.json'), JSON.stringify(inventory(dir, hosts)));
  const superdaemons = new Map(hosts.map((host) => [host, startHost(dir, host)]));
  const dispose = async () => {
    for (const superdaemon of superdaemons.values()) await superdaemon[Symbol.asyncDispose]();
    dir[Symbol.dispose]();
  };
  const fleet = fleetIn(dir, superdaemons);
  try {
    await eventually(() => {
      for (const host of hosts)
        if (fleet.generations(host).length === 0) throw new Error(`${host} does not serve`);
    });
    return { ...fleet, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function fleetIn(
  dir: TempDir,
  superdaemons: ReadonlyMap<string, Superdaemon>,
): Omit<Fleet, keyof AsyncDisposable> {
  return {
    roll: (release) => roll(dir, release),
    transcript: () => readFileSync(dir.join('transcript'), 'utf8').trimEnd().split('\n'),
    generations: (host) => publishedGenerations(dir.join(`${host}/run/app.status`)),
    current: (host) => readlinkSync(dir.join(`${host}/current`)),
    breakRelease: (host, release) =>
      writeFileSync(dir.join(`${host}/releases/${release}/serve`), '#!/bin/sh\nexit 3\n'),
    stop: async (host) => {
      const superdaemon = superdaemons.get(host);
      superdaemon?.signal('SIGTERM');
      await superdaemon?.ended();
    },
  };
}

function startHost(dir: TempDir, host: string): Superdaemon {
  for (const [name, text] of Object.entries(releases)) {
    mkdirSync(dir.join(`${host}/releases/${name}`), { recursive: true });
    const serve = dir.join(`${host}/releases/${name}/serve`);
    writeFileSync(serve, `#!/bin/sh\n${text}`);
    chmodSync(serve, 0o755);
  }
  mkdirSync(dir.join(`${host}/run`));
  symlinkSync('releases/one', dir.join(`${host}/current`));
  const files = [
    `--pid-file=${dir.join(host)}/run/app.pid`,
    `--status-file=${dir.join(host)}/run/app.status`,
  ];
  const options = [`--dir=${dir.join(host)}/current`, ...files, '--max-start-attempts=2'];
  const env = { HOST: host, TRANSCRIPT: dir.join('transcript') };
  return startSuperdaemon([...options, '--', './serve'], { env });
}

function inventory(dir: TempDir, hosts: readonly string[]): object {
  const vars = { ansible_connection: 'local', ansible_python_interpreter: '{{ ansible_playbook_python }}' };
  const each = hosts.map((host) => [host, { app_root: dir.join(host) }]);
  const app = {
    hosts: Object.fromEntries(each),
    vars: { ...vars, start_server: program, deploy_timeout: 30 },
  };
  return { app };
}

async function roll(dir: TempDir, release: string): ReturnType<Fleet['roll']> {
  const words = ['--inventory', 'inventory.json', 'roll.yml', '--extra-vars', `release=${release}`];
  // Ansible keeps its own files in the home directory.
  const env = { HOME: dir.path, ANSIBLE_NOCOLOR: '1', LC_ALL: 'C.UTF-8' };
  const options = { cwd: dir.path, env, stdin: 'ignore', reject: false, all: true } as const;
  const { exitCode, all } = await execa('ansible-playbook', words, options);
  return { exitCode, output: all };
}
