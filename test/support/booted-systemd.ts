// A real systemd, booted as PID 1 of a machine of its own (boot-systemd.sh) with the given units and nothing else but
// the journal. It needs root.

import { execaSync } from 'execa';
import { describe } from 'vitest';
import { eventually } from './eventually.ts';
import { type Machine, startMachine } from './machine.ts';
import { describePeer } from './peer.ts';
import type { Units } from './units.ts';

export interface BootedSystemd extends Machine {
  readonly systemctl: (...words: string[]) => Promise<void>;
  /** The value of a property of a unit. */
  readonly show: (unit: string, property: string) => Promise<string>;
  /** All that was logged by the unit, and by systemd about it. */
  readonly journal: (unit: string) => Promise<string>;
}

const commands = ['systemctl', 'journalctl', 'nsenter', 'unshare', 'setpriv', 'ip'];
const systemd = '/lib/systemd/systemd --system --unit=booted.target --show-status=no --log-target=journal';

/** Tests that boot it. Where that cannot be they are skipped, and said to be; with REQUIRE_PEERS=1 they fail there. */
export function describeBooted(name: string, tests: () => void): void {
  describePeer(name, commands, () => {
    const obstacle = process.env.REQUIRE_PEERS === '1' ? undefined : whyNot();
    if (obstacle === undefined) {
      tests();
      return;
    }
    const skipped = `systemd cannot be booted here: ${obstacle}`;
    process.stderr.write(`SKIPPED: ${name} (${skipped})\n`);
    describe.skip(skipped, tests);
  });
}

/** `await using booted = await bootSystemd(units)`: boots, and leaves nothing behind. */
export async function bootSystemd(units: Units): Promise<BootedSystemd> {
  const machine = await startMachine(systemd.split(' '), { 'booted.target': bootedTarget, ...units });
  const booted = { ...machine, ...commandsOf(machine) };
  try {
    await eventually(async () => {
      const state = await booted.show('booted.target', 'ActiveState');
      if (state !== 'active') throw new Error(`booted.target is ${state}; ${machine.said()}`);
    });
    return booted;
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
}

function commandsOf({ run }: Machine): Omit<BootedSystemd, keyof Machine> {
  return {
    systemctl: async (...words) => {
      const { exitCode, stderr } = await run('systemctl', ...words);
      if (exitCode !== 0) throw new Error(`systemctl ${words.join(' ')}: status ${exitCode}: ${stderr}`);
    },
    show: async (unit, property) =>
      (await run('systemctl', 'show', '--value', `--property=${property}`, unit)).stdout,
    journal: async (unit) => (await run('journalctl', '--output=cat', `--unit=${unit}`)).stdout,
  };
}

const bootedTarget = `[Unit]
Wants=systemd-journald.service
After=systemd-journald.service
`;

function whyNot(): string | undefined {
  const namespaces = ['--mount', '--cgroup', '--pid', '--uts', '--ipc', '--net', '--fork'];
  const mounts =
    'mount -t tmpfs none /mnt && mkdir /mnt/c /mnt/u /mnt/w && mount -t cgroup2 none /mnt/c && test -w /mnt/c';
  const overlay = 'mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w none /mnt';
  const { exitCode, stderr } = execaSync({ reject: false })('unshare', [
    ...[...namespaces, '--propagation', 'private', 'sh', '-c'],
    `${mounts} && ${overlay}`,
  ]);
  return exitCode === 0 ? undefined : stderr.trim() || 'the control groups cannot be written';
}
