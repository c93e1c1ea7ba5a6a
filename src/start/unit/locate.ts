// The command line with whole paths, and a name for it: that of its directory below /run, or else of the one that it runs in.

import { basename } from 'node:path';
import type { Located, MadeFile, UnitRequest, UnitWorld } from './unit-request.ts';

export function locate(request: UnitRequest, world: UnitWorld): Located {
  const { options, kind } = request;
  const at = (path: string) => within(world.directory, path);
  const asked = options.pidFile === undefined ? undefined : at(options.pidFile);
  const statusFile = options.statusFile === undefined ? undefined : at(options.statusFile);
  const log = options.log.kind === 'file' ? at(options.log.path) : undefined;
  const metrics = options.metricsFile === undefined ? undefined : at(options.metricsFile);
  const paths =
    kind === 'socket' ? [] : options.sockets.flatMap((each) => (each.kind === 'unix' ? [at(each.path)] : []));
  const name = nameOf([asked, statusFile, ...paths], world.directory);
  const pidFile = asked ?? `/run/${name}/${name}.pid`;
  const made = [
    ...paths.map((path) => ({ option: `--path=${path}`, path })),
    ...file('pid-file', pidFile),
    ...file('status-file', statusFile),
    ...file('metrics-file', metrics),
    ...file('log-file', log),
  ];
  // What systemd binds it keeps by itself.
  const asWell = request.words.filter((word) => kind !== 'socket' || word !== '--fd-store');
  const ours = asWell.map((word) => wholeWord(word, at));
  const words = asked === undefined ? [...ours, `--pid-file=${pidFile}`] : ours;
  const used = [world.directory, ...world.program, ...made.map(({ path }) => path)];
  for (const each of [options.directory, options.envdir]) if (each) used.push(at(each));
  return { ...request, words, name, pidFile, statusFile, made, used };
}

function file(option: string, path: string | undefined): MadeFile[] {
  return path === undefined ? [] : [{ option: `--${option}=${path}`, path }];
}

/** Not resolve: behind a link `..` is another directory. */
export function within(directory: string, path: string): string {
  return path.startsWith('/') ? path : `${directory}/${path.replace(/^(\.\/+)+/, '')}`;
}

function nameOf(files: readonly (string | undefined)[], directory: string): string {
  const below = files.flatMap(
    (each) => /^(?:\/var)?\/run\/(?<name>[\w.-]+)\//.exec(each ?? '')?.groups?.name ?? [],
  );
  return below[0] ?? (basename(directory).replace(/[^\w.-]/g, '-') || 'app');
}

const PATHS = /^--(?<name>dir|envdir|path|pid-file|status-file|metrics-file|log-file)=(?<path>[^\s|].*)$/s;

function wholeWord(word: string, at: (path: string) => string): string {
  const { name, path } = PATHS.exec(word)?.groups ?? {};
  return name === undefined || path === undefined ? word : `--${name}=${at(path)}`;
}
