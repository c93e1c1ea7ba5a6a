import type { Superdaemon } from './superdaemon.ts';

/**
 * The log's lines with S for the superdaemon's pid and W1, W2 … for the workers', as they were started.
 * Lists of workers are sorted: the reference puts them in the order of the pids' texts.
 */
export function maskedLog({ pid, log }: Pick<Superdaemon, 'pid' | 'log'>): string[] {
  const names = new Map([[String(pid), 'S']]);
  for (const [, worker = ''] of log().matchAll(/^starting new worker (\d+)$/gm)) {
    names.set(worker, `W${names.size}`);
  }
  const mask = (number: string) => names.get(number) ?? number;
  const maskList = (list: string) => list.split(',').map(mask).sort(byNumber).join(',');
  return log()
    .replace(/(?<=worker |pid:)\d+/g, mask)
    .replace(/(?<=workers:)[\d,]+/g, maskList)
    .split('\n')
    .slice(0, -1);
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}
