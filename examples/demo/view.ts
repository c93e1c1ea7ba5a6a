import type { WriteStream } from 'node:tty';
import type { GenerationFigures, LoadReport } from '../../test/support/tally.ts';

type Paint = (text: string) => string;
export type Painter = Readonly<Record<'bold' | 'dim' | 'green' | 'red' | 'cyan', Paint>>;

const barWidth = 44;

/** Colours on a terminal, unless NO_COLOR is set; text as it is elsewhere. */
export function painter(stream: WriteStream): Painter {
  const plain = !stream.isTTY || Boolean(process.env.NO_COLOR);
  const colour = (code: number): Paint => (plain ? (text) => text : (text) => `\x1b[${code}m${text}\x1b[0m`);
  return { bold: colour(1), dim: colour(2), green: colour(32), red: colour(31), cyan: colour(36) };
}

export function introduction(
  { pid, port, clients }: { pid: number; port: number; clients: number },
  paint: Painter,
): string {
  return page([
    '',
    paint.bold('Hot deploys under load'),
    '',
    row('superdaemon', `pid ${pid}, 127.0.0.1:${port}`, paint),
    row('load', `${clients} clients, a new connection for every request`, paint),
    '',
  ]);
}

export function deployLine(
  times: { generation: number; answersAfterMs: number; aloneAfterMs: number },
  paint: Painter,
): string {
  const { generation, answersAfterMs, aloneAfterMs } = times;
  const numbers = `generation ${generation - 1} → ${generation}`;
  const alone = paint.bold(seconds(aloneAfterMs));
  const text = `${numbers}, answering after ${Math.round(answersAfterMs)} ms, alone after ${alone}`;
  return page([row(`deploy ${generation - 1}`, text, paint)]);
}

export function summary(report: LoadReport, paint: Painter): string {
  const { counts, latencyMs, durationMs } = report;
  const { requests, ok, ...lost } = counts;
  const allWell = ok === requests;
  const perSecond = count(Math.round((requests / durationMs) * 1000));
  const kinds = Object.entries(lost).map(([kind, times]) => `${words(kind)} ${count(times)}`);
  const failures = paint.bold(paint[allWell ? 'green' : 'red'](count(requests - ok)));
  return page([
    '',
    row('', paint.dim(`who answered, over ${seconds(durationMs)}`), paint),
    ...timeline(report, paint),
    '',
    row('requests', `${paint.bold(count(requests))}  ${paint.dim(`${perSecond} a second`)}`, paint),
    row(
      'latency',
      `median ${milliseconds(latencyMs.median)}, 99 % within ${milliseconds(latencyMs.p99)}, longest ${milliseconds(latencyMs.max)}`,
      paint,
    ),
    row('failures', `${failures}  ${paint.dim(kinds.join(', '))}`, paint),
    ...Object.entries(report.losses).map(([loss, times]) => row('', `${count(times)} × ${loss}`, paint)),
    '',
  ]);
}

function timeline({ generations, durationMs }: LoadReport, paint: Painter): string[] {
  return [...generations].map(([generation, figures]) =>
    row(
      `generation ${generation}`,
      `${paint.cyan(bar(figures, durationMs))} ${count(figures.requests).padStart(7)}`,
      paint,
    ),
  );
}

function bar({ firstMs, lastMs }: GenerationFigures, durationMs: number): string {
  const column = (ms: number) => Math.round((ms / durationMs) * barWidth);
  const length = Math.max(1, column(lastMs) - column(firstMs));
  return (' '.repeat(column(firstMs)) + '━'.repeat(length)).padEnd(barWidth);
}

function row(label: string, text: string, paint: Painter): string {
  return `${paint.dim(label.padEnd(13))} ${text}`;
}

function page(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`.trimEnd()).join('\n');
}

function words(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
