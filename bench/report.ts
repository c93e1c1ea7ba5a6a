import { cpus, release } from 'node:os';
import type { Program } from './programs.ts';
import type { Row } from './rig.ts';
import type { Summary } from './statistics.ts';
import { goalText, judge, type Verdict } from './verdict.ts';

const TITLES = ['median (p10 … p90)', 'ours', 'reference', 'ratio', 'floor', 'goal', 'met'];

export function asTable(rows: readonly Row[]): string {
  const cells = [TITLES, ...rows.map(judge).map(line)];
  const widths = TITLES.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  return [machine(), '', lines[0], rule, ...lines.slice(1)].map((text) => (text ?? '').trimEnd()).join('\n');
}

export function asJson(rows: readonly Row[], programs: readonly Program[]): string {
  const figures = rows.map((row) => {
    const { row: _, ...verdict } = judge(row);
    return { ...row, ...verdict, floor: { what: row.floor, ...verdict.floor } };
  });
  return JSON.stringify({ machine: machine(), programs, figures }, null, 2);
}

function line(verdict: Verdict): readonly string[] {
  const { row } = verdict;
  const floor = verdict.floor ? `${number(verdict.floor.median)} ${row.floor ?? ''}` : '';
  return [
    row.unit === '' ? row.what : `${row.what}, ${row.unit}`,
    spread(verdict.ours),
    `${spread(verdict.reference)} ${row.reference ?? ''}`.trimEnd(),
    verdict.ratio === undefined ? '-' : verdict.ratio.toFixed(2),
    floor,
    row.goal ? goalText(row.goal) : '',
    verdict.met === undefined ? '' : verdict.met ? 'yes' : 'NO',
  ];
}

function spread(summary: Summary | undefined): string {
  if (summary === undefined) return '-';
  const { median, p10, p90 } = summary;
  return p10 === p90 ? number(median) : `${number(median)} (${number(p10)} … ${number(p90)})`;
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model ?? 'unknown processor';
  return `${processors.length} × ${model}, Linux ${release()}, Node ${process.version}`;
}
