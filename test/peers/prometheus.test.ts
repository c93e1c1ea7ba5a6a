// Prometheus and node_exporter, as Debian has them, started by the example.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startExample } from '../support/example.ts';
import { freePort } from '../support/free-port.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { describePeer } from '../support/peer.ts';
import { run } from '../support/run.ts';
import { startSuperdaemon } from '../support/superdaemon.ts';
import { tempDir } from '../support/temp-dir.ts';

const example = fileURLToPath(new URL('../../examples/prometheus/', import.meta.url));

/** The superdaemon writes every 15 s what is no event. */
const withinMs = 60_000;

interface Answer {
  readonly data: {
    readonly result: readonly { readonly value: readonly [number, string] }[];
    readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
  };
}

function prometheusAt(port: number) {
  const get = async (path: string) =>
    (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as Answer;
  return {
    value: async (query: string) =>
      Number((await get(`query?query=${encodeURIComponent(query)}`)).data.result[0]?.value[1]),
    firing: async () =>
      (await get('alerts')).data.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => `${labels.alertname} ${labels.app}`),
  };
}

describePeer('Prometheus', ['prometheus', 'promtool', 'prometheus-node-exporter'], () => {
  it('has nothing against what --metrics prints, nor against the example’s rules', async () => {
    using dir = tempDir();
    const cwd = dir.path;
    const args = ['--interval=0', '--path=socket', '--pid-file=app.pid', '--', 'sleep', '1000'];
    await using superdaemon = startSuperdaemon(args, { cwd });
    await superdaemon.waitForLine('starting new worker');
    const { stdout: input } = await run(['--metrics', '--pid-file=app.pid'], { cwd });
    const linted = await execa('promtool', ['check', 'metrics'], { input, all: true });
    expect(linted.all).toBe('');
    const checked = await execa('promtool', ['check', 'config', `${example}prometheus.yml`], {
      reject: false,
    });
    expect(checked).toMatchObject({ exitCode: 0 });
    const told = new Set(Array.from(input.matchAll(/^(\w+)/gm), ([name]) => name));
    const rules = readFileSync(`${example}alerts.yml`, 'utf8');
    const dashboard = readFileSync(`${example}dashboard.json`, 'utf8');
    expect(JSON.parse(dashboard)).toMatchObject({ title: 'start-server' });
    const named = [...`${rules}${dashboard}`.matchAll(/\bstart_server_\w+/g)].map(([name]) => name);
    // None before the first deploy.
    const later = /^start_server_last_deploy_/;
    expect(named.filter((name) => !told.has(name) && !later.test(name))).toEqual([]);
  });

  it('scrapes deploys, a crash, a queue and a failed deploy as they were, and a rule fires', async () => {
    using dir = tempDir();
    const [port, exporter, prometheusPort] = [await freePort(), await freePort(), await freePort()];
    await using demo = startExample('prometheus', [`--check=test ! -e ${dir.join('broken')}`], {
      ...{ PORT: String(port), EXPORTER_PORT: String(exporter), PROMETHEUS_PORT: String(prometheusPort) },
      DATA: dir.path,
    });
    const { value, firing } = prometheusAt(prometheusPort);
    const shows = (query: string, expected: number) =>
      eventually(async () => expect([query, await value(query)]).toEqual([query, expected]), { withinMs });
    const generation = 'start_server_generation{app="demo"}';
    await shows(generation, 1);

    const files = [`--pid-file=${dir.join('demo.pid')}`, `--status-file=${dir.join('demo.status')}`];
    const load = startLoad({ target: { port }, pauseMs: 2 });
    await using _load = load;
    for (let deploy = 1; deploy <= 3; deploy++) expect((await run(['--restart', ...files])).code).toBe(0);
    await eventually(() => expect(load.generations().has(4)).toBe(true));
    await shows(generation, 4);
    expectNothingLost(await load.stop(), 4);
    expect(await value('start_server_deploys_total{result="succeeded"}')).toBe(3);
    expect(await value('start_server_deploy_duration_seconds_count')).toBe(3);
    expect(await value('start_server_worker_exits_total{reason="retired"}')).toBe(3);
    expect(await value('start_server_last_deploy_successful')).toBe(1);
    expect(await firing()).toEqual([]);

    const worker = () => Number(/^\d+:(\d+)$/m.exec(readFileSync(dir.join('demo.status'), 'utf8'))?.[1]);
    const crashed = worker();
    process.kill(crashed, 'SIGKILL');
    await shows('start_server_worker_exits_total{reason="crash"}', 1);
    await eventually(() => expect(worker()).not.toBe(crashed));
    await shows('sum(start_server_workers{role="current"})', 1);
    await shows(`start_server_worker_info{pid="${worker()}"}`, 1);

    const stopped = worker();
    process.kill(stopped, 'SIGSTOP');
    const clients = Array.from({ length: 5 }, () => connect({ host: '127.0.0.1', port }));
    await Promise.all(clients.map((client) => once(client, 'connect')));
    await shows('start_server_socket_queue_connections', 5);
    process.kill(stopped, 'SIGCONT');
    for (const client of clients) client.destroy();
    await shows('start_server_socket_queue_connections', 0);

    writeFileSync(dir.join('broken'), '');
    expect((await run(['--restart', ...files])).code).toBe(1);
    await eventually(async () => expect(await firing()).toEqual(['DeployFailed demo']), { withinMs });
    expect(await value('start_server_deploys_total{result="failed"}')).toBe(1);
    expect(await value('start_server_deploys_total{result="succeeded"}')).toBe(3);

    demo.signal('SIGTERM');
    expect(await demo.ended(30_000)).toEqual({ code: 0, signal: null });
    expect(demo.processes()).toEqual([]);
    // What it counted is what its log tells.
    expect(demo.log().match(/died unexpectedly/g)).toHaveLength(1);
    expect(demo.log().match(/^old worker \d+ died/gm)).toHaveLength(3);
  });
});
