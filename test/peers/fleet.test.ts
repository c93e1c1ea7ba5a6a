import { expect, it } from 'vitest';
import { startFleet } from '../support/fleet.ts';
import { describePeer } from '../support/peer.ts';

const hosts = ['first', 'second', 'third'];

describePeer('a fleet rolled by ansible-playbook', ['ansible-playbook'], () => {
  it.concurrent('deploys on one host after another, each when the one before serves the new release alone', async () => {
    await using fleet = await startFleet(hosts);
    const before = fleet.transcript().length;
    const { exitCode, output } = await fleet.roll('two');
    expect(exitCode, output).toBe(0);
    expect(fleet.transcript().slice(before)).toEqual(
      hosts.flatMap((host) => [`${host} two starts`, `${host} one ends`]),
    );
    expect(hosts.map(fleet.generations)).toEqual([[2], [2], [2]]);
    expect(hosts.map(fleet.current)).toEqual(hosts.map(() => 'releases/two'));
  });

  it.concurrent('touches no host when the first does not have the release', async () => {
    await using fleet = await startFleet(hosts);
    const before = fleet.transcript();
    const { exitCode, output } = await fleet.roll('three');
    expect(exitCode, output).toBe(2);
    expect(fleet.transcript()).toEqual(before);
    expect(hosts.map(fleet.current)).toEqual(hosts.map(() => 'releases/one'));
  });

  it.concurrent('stops where no superdaemon runs, and leaves the hosts behind that one as they are', async () => {
    await using fleet = await startFleet(hosts);
    await fleet.stop('second');
    const { exitCode, output } = await fleet.roll('two');
    expect(exitCode, output).toBe(2);
    expect(output).toContain('no superdaemon is running');
    expect(hosts.map(fleet.current)).toEqual(['releases/two', 'releases/one', 'releases/one']);
    expect(fleet.generations('third')).toEqual([1]);
  });

  it.concurrent('stops at the host whose deploy fails: it keeps its release, those behind it are not touched', async () => {
    await using fleet = await startFleet(hosts);
    fleet.breakRelease('second', 'two');
    const { exitCode, output } = await fleet.roll('two');
    expect(exitCode, output).toBe(2);
    expect(output).toContain('second keeps releases/one');
    expect(output).not.toContain('third');
    expect(fleet.generations('first')).toEqual([2]);
    expect(fleet.generations('second')).toEqual([1]);
    expect(fleet.generations('third')).toEqual([1]);
    expect(hosts.map(fleet.current)).toEqual(['releases/two', 'releases/one', 'releases/one']);
  });
});
