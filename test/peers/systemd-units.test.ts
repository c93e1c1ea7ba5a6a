import { expect, it } from 'vitest';
import { bootSystemd, describeBooted } from '../support/booted-systemd.ts';
import { exampleUnit, forThisSystemd, knowsNotifyReload, systemdVersion } from '../support/units.ts';

const newest = 'app-notify-reload.service';
const names = [newest, 'app-notify.service', 'app-simple.service', 'app-socket.service', 'app-socket.socket'];
const asTheyAre = Object.fromEntries(names.map((name) => [name, exampleUnit(name)]));
const adapted = { ...asTheyAre, [newest]: forThisSystemd(exampleUnit(newest)) };
const substituted = ` (with Type=notify in its place: systemd ${systemdVersion} has no Type=notify-reload)`;
const shown = (name: string) => (name === newest && !knowsNotifyReload ? `${name}${substituted}` : name);

describeBooted('systemd-analyze', () => {
  for (const name of names) {
    it(`finds no fault in ${shown(name)}`, async () => {
      await using booted = await bootSystemd(adapted);
      expect(await verify(booted, name)).toEqual({ exitCode: 0, complaints: '' });
    });
  }

  it.skipIf(knowsNotifyReload)(
    `complains of nothing in ${newest} but of Type=notify-reload, being version ${systemdVersion}`,
    async () => {
      await using booted = await bootSystemd(asTheyAre);
      const { complaints } = await verify(booted, newest);
      expect(complaints).toMatch(/^\S+:\d+: Failed to parse service type, ignoring: notify-reload$/);
    },
  );

  it.each(names.filter((name) => name.endsWith('.service')))('finds %s well shut in', async (name) => {
    await using booted = await bootSystemd(adapted);
    const words = ['security', '--offline=yes', '--threshold=20', `/etc/booted/${name}`];
    const { exitCode, stdout } = await booted.run('systemd-analyze', ...words);
    expect(exitCode, stdout).toBe(0);
  });
});

async function verify(booted: Awaited<ReturnType<typeof bootSystemd>>, name: string) {
  const words = ['verify', '--man=no', '--recursive-errors=no', `/etc/booted/${name}`];
  const { exitCode, stderr } = await booted.run(
    'env',
    'SYSTEMD_UNIT_PATH=/etc/booted',
    'systemd-analyze',
    ...words,
  );
  return { exitCode, complaints: stderr };
}
