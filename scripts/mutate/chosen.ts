// Slips outside the heart that somebody has thought of, each as small as a hand makes it. One that cannot be made any more, because
// the line reads otherwise by now, is to be replaced.

import { readFileSync } from 'node:fs';
import type { Slip } from './slips.ts';

/** [file below src, what is right, what is not, the end-to-end tests that concern it]: beside the unit tests that reach the file. */
type Chosen = readonly [file: string, right: string, wrong: string, ...e2e: string[]];

const CHOSEN: readonly Chosen[] = [
  ['client/left-view', 'left.delete(event.pid)', 'left.get(event.pid)', 'left-behind'],
  ['client/left-view', 'if (!left.has(pid)) left.set', 'left.set', 'left-behind'],
  ['client/time-limit', 'Math.max(0, endsAt - now())', 'limitMs', 'time-limits'],
  ['client/time-limit', 'TIMED_OUT = 2', 'TIMED_OUT = 1', 'clients-truth'],
  ['client/deploy-by-signal', '> before;', '>= before;', 'outcomes'],
  ['client/deploy-by-signal', '|| !waitOld', '|| waitOld', 'outcomes'],
  ['client/styled', 'room -= shown.length', 'room -= text.length', 'docs-screens'],
  [
    'client/columns',
    'cell.padStart(width) : cell.padEnd(width)',
    'cell.padEnd(width) : cell.padStart(width)',
  ],
  ['client/cpu-shares', 'upSince, mainPid ?? pid]', 'mainPid ?? pid]'],
  ['client/scale-view', '>= this.#target)', '> this.#target)'],
  ['client/follow', 'hinted = true;', '', 'outcomes'],
  ['client/stop', 'MOMENT_MS = 1000', 'MOMENT_MS = -1', 'left-behind'],
  ['client/stop', 'if (seesWorkers) await refuseLeft', 'if (seesWorkers) void refuseLeft', 'left-behind'],
  ['client/stop', 'await shown;', '', 'outcomes'],
  ['client/owner-of', 'exitStatus: 3', 'exitStatus: 1', 'clients-truth'],
  ['client/failed-worker', 'slice(-MOST_LINES)', 'slice(0, MOST_LINES)', 'outcomes'],
  ['client/failed-worker', "return event.role === 'current';", 'return true;', 'outcomes'],
  ['client/who-answers', 'users.includes(peer.uid)', 'true', 'control'],
  ['client/await-turn', 'if (superdaemon.isGone()) throw wentAway(pidFile, superdaemon.pid);', '', 'clients'],
  ['files/turn', 'lock(fd) && isStillAt(file, fd)', 'lock(fd)'],
  ['files/turn', ' | constants.O_NOFOLLOW', ''],
  ['files/turn', 'uid === process.geteuid?.() && ', ''],
  ['files/replace-file', "openSync(toPath(temporary), 'wx', mode)", "openSync(toPath(temporary), 'w', mode)"],
  ['files/replace-file', 'removeIfOurs(temporary);', '', 'status-file-trouble'],
  [
    'files/replace-file',
    '    closeQuietly(fd);\n    removeIfOurs',
    '    removeIfOurs',
    'status-file-trouble',
  ],
  ['files/set-aside', '!isStillAt(aside, fd) || !isFree()', '!isStillAt(aside, fd)', 'pid-file-owner'],
  [
    'files/write-answer',
    'rest = rest.subarray(writeSync(STDOUT, rest))',
    'rest = rest.subarray(writeSync(STDOUT, rest) && rest.length)',
    'standard-streams',
    'status',
  ],
  ['files/pid-file', 'mode & 0o777 & ~OTHERS_WRITE', 'mode & 0o777', 'pid-file'],
  ['files/pid-file', '    blank(fd);\n    const isNew', '    const isNew', 'pid-file'],
  ['files/pid-file', '      blankIfLeft(path, fd);\n', '', 'pid-file'],
  ['files/pid-file-lock', 'nlink > 1', 'nlink > 2', 'pid-file', 'pid-file-owner'],
  ['files/pid-file-owner', '/^[1-9]\\d{0,9}$/', '/^-?\\d{1,10}$/', 'pid-file-owner'],
  [
    'files/status-file',
    'published = text;\n      complaint = undefined;',
    'published = text;',
    'status-file-trouble',
  ],
  ['files/status-file', ".join('');\n      clearTimeout(retry);", ".join('');", 'status-file-trouble'],
  ['files/status-file', 'if (!stays()) remove();', 'remove();', 'take-over'],
  ['files/supervised-command', 'SHORT_LIVES = 2', 'SHORT_LIVES = 0', 'log-command'],
  [
    'files/supervised-command',
    'if (this.#restart !== undefined) this.#startAgain();\n    closeQuietly',
    'closeQuietly',
    'log-command',
  ],
  [
    'files/check-files',
    'if (file !== undefined && !file.isFIFO())',
    'if (file !== undefined)',
    'named-files',
    'setup-errors',
  ],
  ['files/envdir', '+ 2 > LONGEST', '> LONGEST', 'environment'],
  [
    'files/open-log-file',
    'fcntl(fd, platform.F_SETFL, constants.O_APPEND);',
    '',
    'named-files',
    'standard-streams',
    'log-format',
  ],
  [
    'sockets/shut-down',
    'if (now !== asked.listeners) asked = askFor(now);',
    '',
    'spoiled-sockets',
    'reconfigure',
  ],
  ['sockets/match-kept', 'left.delete(found);', ''],
  ['sockets/match-activated', '&& bound.port === address.port', ''],
  ['sockets/resolve', '{ family: 4 }', '{ family: 6 }', 'sockets-tcp'],
  ['sockets/keep-listening', 'if (leaving.size === 0) spares.remove()', 'spares.remove()', 'spoiled-sockets'],
  ['sockets/keep-listening', 'setBlocking(fd, blocking);', '', 'spoiled-sockets'],
  ['sockets/complaints', 'complaints.delete(option);', '', 'spoiled-sockets'],
  ['sockets/unix-path', '?.isSocket() ?? true', '?.isSocket() ?? false', 'sockets-unix-in-the-way'],
  ['sockets/copy-listener', 'isCallers(ours) ? undefined : backlog', 'backlog', 'reconfigure'],
  ['sockets/worker-ports', 'port > MAX_PORT', 'port >= MAX_PORT', 'worker-port'],
  ['sockets/worker-ports', 'slot >= wanted && !taken.has(slot)', 'slot >= wanted', 'worker-port'],
  ['posix/clock', 'Math.min(leftMs, LONGEST_TIMER_MS)', 'leftMs'],
  ['posix/file/lock', 'operation | LOCK_NB', 'operation'],
  ['posix/file/lock', 'if (free) flock(fd, LOCK_UN);', '', 'pid-file-owner'],
  ['posix/file/lock-holder', ".padStart(2, '0')", '', 'pid-file-owner'],
  ['posix/file/peek-pipe', '[copy.read, copy.write]', '[copy.read]', 'stalled-log'],
  ['posix/file/trusted-path', '(mode & STICKY) === 0', 'true', 'notify-directory'],
  ['posix/file/closed-to', '(mode & 0o100) !== 0', '(mode & 0o001) !== 0', 'privileges'],
  ['posix/process/pidfd', '(isMeant() && !hasEnded(handle))', 'isMeant()'],
  [
    'posix/process/pidfd',
    '  handle[Symbol.dispose]();\n  return undefined;',
    '  return undefined;',
    'kill-tree',
    'left-behind',
  ],
  ['posix/process/processors', 'Math.ceil(quota())', 'Math.floor(quota())', 'pool-options'],
  ['posix/socket/unix-queues', '    closeQuietly(netlink);\n', '    void netlink;\n', 'status-truth'],
  ['upgrade/drop-old-files', 'found.uid !== process.geteuid?.()', 'false', 'reconfigure'],
  ['upgrade/drop-old-files', "text.includes('start_server_')", 'true', 'reconfigure'],
  ['upgrade/relative-names', '|| isAbsolute(path) ? []', '|| !isAbsolute(path) ? []'],
  [
    'upgrade/exec-successor',
    'for (const fd of ours) makePrivate(fd);',
    '',
    'upgrade-failures',
    'upgrade-programs',
  ],
  ['command-line/option-values', '1024 ** ', '1000 ** '],
  ['command-line/option-values', 'value < 0.1', 'value <= 0.1'],
  ['command-line/getopt-long', '&& others.length === 0\n', '\n'],
  ['command-line/getopt-long', "|| inline === ''", ''],
  ['command-line/hook', "if (command.trim() === '')", "if (command === '')"],
  ['command-line/contradictions', "  ['surge', 'workers'],\n", '', 'surge', 'pool-options'],
  ['command-line/pool-size', 'count <= MOST_WORKERS', 'count < MOST_WORKERS'],
  ['library/connections', "connection.once('close', () => set.delete(connection));", ''],
  ['library/superdaemon-pipe', "code !== 'EPIPE' && code !== 'EAGAIN'", "code !== 'EPIPE'", 'library'],
  ['library/superdaemon-pipe', '| constants.O_NONBLOCK', '', 'library'],
  ['library/retire', "if (!server.listening) server.once('listening', close);", ''],
  [
    'library/retire',
    'Math.min(limitMs, LONGEST_TIMER_MS)).unref()',
    'Math.min(limitMs, LONGEST_TIMER_MS))',
    'library-http',
  ],
  ['library/serve', 'for (const signal of signals) process.off(signal, go);', '', 'library'],
  ['library/alive', 'limitMs / 2', 'limitMs', 'watchdog'],
  ['start/when-serving', 'maxStartAttempts === 0', 'maxStartAttempts >= 0', 'daemonize'],
  [
    'start/mistaken-command',
    "['reload', '--restart']",
    "['reload', '--upgrade']",
    'helpful-errors',
    'option-mistakes',
  ],
  [
    'start/daemonize',
    'if (!isServing && endedBy !== undefined) process.kill(process.pid, endedBy);',
    '',
    'daemonize',
  ],
  ['start/keep-sockets', "'worker-starting', 'worker-died', ", "'worker-died', ", 'fd-store'],
  ['start/when-silent', 'isWaiting = false;\n    warn', 'warn', 'as-node-failures'],
];

/** Those whose files have one of the words in their names; `gone` is told of each that cannot be made any more. */
export function chosenSlips(words: readonly string[], gone: (what: string) => void): readonly Slip[] {
  const isWanted = (file: string) => words.length === 0 || words.some((word) => file.includes(word));
  return CHOSEN.filter(([file]) => isWanted(file)).flatMap((each) => made(each, gone));
}

function made([name, right, wrong, ...e2e]: Chosen, gone: (what: string) => void): readonly Slip[] {
  const file = `src/${name}.ts`;
  const [before = '', after, ...more] = readFileSync(file, 'utf8').split(right);
  const what = `${file}  ${oneLine(right)}  →  ${oneLine(wrong) || '(nothing)'}`;
  if (after !== undefined && more.length === 0) return [{ file, what, text: before + wrong + after, e2e }];
  gone(what);
  return [];
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
