import type { StatusSource } from '../control/status-source.ts';
import { checkMetricsFile } from '../files/check-files.ts';
import type { Prepared } from './prepare.ts';

/** Loaded only where it is asked for. Throws StartupError. */
export async function openMetricsFile(
  { options: { metricsFile: path }, subscribe, warn, inherited }: Prepared,
  status: StatusSource,
): Promise<Disposable | undefined> {
  if (path === undefined) return undefined;
  if (inherited === undefined) checkMetricsFile(path);
  const { metricsFile } = await import('../metrics/metrics-file.ts');
  const file = metricsFile(path, { status, warn });
  subscribe(file.onEvent);
  return file;
}
