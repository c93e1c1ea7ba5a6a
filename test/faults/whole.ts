// Whether a service is what it is to be.

import { existsSync } from 'node:fs';
import { superdaemonStatus } from '../support/control.ts';
import { PATIENCE_MS, type Service } from './service.ts';
import type { Setting } from './settings.ts';

/** Throws Error as long as another than this generation, or a newer one, serves, or the status file tells anything else. */
export async function servesWhole(
  service: Service,
  setting: Setting,
  generation: number,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  await service.serves(generation, patienceMs);
  const lines = service.text('status').trim().split('\n');
  const generations = new Set(lines.map((line) => line.split(':')[0]));
  const isWhole = lines.length === setting.workers && generations.size === 1;
  if (!isWhole) throw new Error(`status file: ${lines}`);
  const gone = lines.find((line) => !existsSync(`/proc/${line.split(':')[1]}`));
  if (gone !== undefined) throw new Error(`in the status file, and dead: ${gone}`);
}

export interface Asked {
  readonly setting: Setting;
  readonly pidFile: string;
}

/** A client, and names those who serve; unless it had to go without clients, and said so. Otherwise throws Error. */
export async function answers(service: Service, { setting, pidFile }: Asked): Promise<void> {
  if (/no control socket/.test(service.words())) return;
  const { workers } = await superdaemonStatus(pidFile);
  const serving = workers.filter(({ phase }) => phase === 'current').length;
  if (serving !== setting.workers) throw new Error(`${serving} serve`);
}
