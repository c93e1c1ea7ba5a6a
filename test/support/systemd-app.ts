// The example application as a unit of a booted systemd.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type BootedSystemd, bootSystemd } from './booted-systemd.ts';
import { publishedGenerations } from './deploy.ts';
import { eventually } from './eventually.ts';
import { type Load, startLoad } from './load.ts';
import { attemptRequest } from './request.ts';
import type { Units } from './units.ts';

export interface SystemdApp extends BootedSystemd {
  readonly unit: string;
  readonly target: { readonly path: string };
  /** Which generations are published just now. */
  readonly generations: () => number[];
  /** The pid inside of the youngest worker. */
  readonly worker: () => string;
  /** Waits until this generation answers, whatever becomes of requests before. */
  readonly answers: (generation: number) => Promise<void>;
}

/** Boots with the units and starts the first of them. */
export async function bootApp(units: Units, socket = '/run/app/app.sock'): Promise<SystemdApp> {
  const booted = await bootSystemd(units);
  const [unit = ''] = Object.keys(units);
  await startUnit(booted, unit);
  return appOf(booted, unit, socket);
}

/** Boots, has the words printed as a unit where the application lies, and starts it; `start`: what of it. */
export async function bootPrinted(words: readonly string[], start: string, socket = '/run/app/app.sock') {
  const booted = await bootSystemd({});
  const printed = await booted.run('sh', '-c', PRINT, 'sh', ...words);
  if (printed.exitCode !== 0) throw new Error(`is not printed: ${printed.stderr}`);
  await booted.systemctl('daemon-reload');
  await startUnit(booted, start);
  return { ...appOf(booted, 'app.service', socket), printed: printed.stdout };
}

/** Each unit goes where its first line says, but for the directory that the machine has them in. */
const PRINT = `cd /opt/app && start-server "$@" >/tmp/printed && cat /tmp/printed &&
  sed 's|^# /etc/systemd/system/|# /etc/booted/|' /tmp/printed | awk 'index($0, "# /etc/booted/") == 1 {file = $2} {print >file}'`;

function appOf(booted: BootedSystemd, unit: string, socket: string): SystemdApp {
  const target = { path: booted.outside(socket) };
  const statusFile = booted.outside('/run/app/app.status');
  return {
    ...booted,
    unit,
    target,
    generations: () => publishedGenerations(statusFile),
    worker: () => readFileSync(statusFile, 'utf8').trim().split(':').at(-1) ?? '',
    answers: (generation) =>
      eventually(async () =>
        expect(await attemptRequest(target, 10_000)).toMatchObject({ outcome: 'ok', generation }),
      ),
  };
}

async function startUnit(booted: BootedSystemd, unit: string): Promise<void> {
  try {
    await booted.systemctl('start', unit);
  } catch (error) {
    const journal = await booted.journal(unit);
    await booted[Symbol.asyncDispose]();
    throw new Error(`${unit} does not start:\n${journal}`, { cause: error });
  }
}

/** So many deploys by `systemctl reload`, each of which is over when the command returns. */
export async function reloadUnderLoad(app: SystemdApp, deploys: number): Promise<Load> {
  const load = startLoad({ target: app.target, pauseMs: 2 });
  for (let generation = 2; generation <= deploys + 1; generation += 1) {
    await app.systemctl('reload', app.unit);
    expect(app.generations()).toEqual([generation]);
    await eventually(() => expect([...load.generations().keys()]).toContain(generation));
  }
  return load;
}
