// A worker's report as facts that do not depend on pids or on numbers that the program was free to choose.

import { readFileSync, readlinkSync } from 'node:fs';
import type { Descriptor, Report } from '../../support/inspect.ts';
import type { Names } from './mask.ts';

type Facts = [path: string, fact: string][];

export function workerFacts(report: Report, words: readonly string[], names: Names): Facts {
  const { environment, descriptors, argv, cwd, blocked, ignored, umask, openFiles } = report;
  const who = (pid: number) => names.get(String(pid)) ?? 'another';
  const inherited = socketFacts(report, words);
  return [
    ['argv', JSON.stringify(argv)],
    ['cwd', cwd],
    ['parent', who(report.ppid)],
    ['processGroup', who(report.processGroup)],
    ['session', who(report.session)],
    ['blocked', blocked.join()],
    ['ignored', ignored.join()],
    ['umask', umask.toString(8)],
    ['openFiles', String(openFiles)],
    ...Object.entries(environment)
      .filter(([name]) => !hidden.has(name))
      .map(([name, value]): [string, string] => [`environment.${name}`, JSON.stringify(value)]),
    ...inherited.facts,
    ...descriptors
      .filter((each) => !inherited.numbers.has(each.fd) && !isRunners(each))
      .map((each): [string, string] => [`descriptors.${each.fd}`, describe(each)]),
  ];
}

/** The fixtures' own variables; bash's and busybox' where they are sh (launcher.test.ts); the sockets' are shown one by one. */
const hidden = new Set(['START_SERVER_TEST_TREE', 'REPORT_DIR', 'SHLVL', 'SERVER_STARTER_PORT']);

/** Each entry of SERVER_STARTER_PORT with its socket; a number that nobody asked for is only "a free one". */
function socketFacts({ environment, descriptors }: Report, words: readonly string[]) {
  const list = environment.SERVER_STARTER_PORT;
  const facts: Facts = [['environment.SERVER_STARTER_PORT', list === '' ? 'empty' : String(list && 'set')]];
  const numbers = new Set<number>();
  for (const [index, entry] of (list ?? '').split(';').entries()) {
    if (entry === '') continue;
    const [, name = '', digits = ''] = /^(.*)=(\d+)$/s.exec(entry) ?? [];
    const fd = Number(digits);
    const number = placeOf(fd, words, numbers);
    const descriptor = descriptors.find((each) => each.fd === fd);
    const socket = descriptor ? describe(descriptor) : 'nothing';
    // Port 0 lets the kernel choose.
    const known = /(^|:)0$/.test(name) ? socket.replace(/:\d+(?= |$)/, ':any') : socket;
    facts.push([`sockets.${index}`, `${name} ${number}: ${known}`]);
    numbers.add(fd);
  }
  return { facts, numbers };
}

function placeOf(fd: number, words: readonly string[], taken: ReadonlySet<number>): string {
  const asked = words.some((word) => new RegExp(`\\d\\s*=\\s*0*${fd}\\s*$`).test(word));
  if (asked) return `at ${fd}`;
  return fd > 2 && !taken.has(fd) ? 'at a free number' : `at ${fd}, not free`;
}

function describe({ link, nonBlocking, socket }: Descriptor): string {
  const mode = nonBlocking ? 'non-blocking' : 'blocking';
  if (socket === null) return `${mode} ${plainLink(link)}`;
  const { family, type, address, listening, ipv6Only, backlog } = socket;
  const flags = `${listening ? ' listening' : ''}${ipv6Only ? ' IPv6 only' : ''}`;
  return `${mode} ${family} ${type} ${address}${flags}${backlog === null ? '' : ` backlog ${backlog}`}`;
}

/** The fixtures' files of stdout and stderr lie in a directory of their own, named differently each time. */
function plainLink(link: string): string {
  return link.replace(/^.*\/start-server-\w+\/(stdout|stderr)$/, '$1').replace(/:\[\d+\]$/, '');
}

/** Of a descriptor that the test runner itself was started with: it passes through us all, at its number. */
function isRunners({ fd, link }: Descriptor): boolean {
  try {
    return fd > 2 && readlinkSync(`/proc/self/fd/${fd}`) === link;
  } catch {
    return false;
  }
}

/** What only the outside can see of a live worker. */
export function outsideFacts(pid: number): Facts {
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const [limit = ''] = /^Max open files.*$/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
  return [
    ['nice', afterName[16] ?? ''],
    ['limits', limit.replace(/\s+/g, ' ')],
  ];
}
