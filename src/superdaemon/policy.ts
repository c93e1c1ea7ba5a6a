// What the environment says about restarts: variables that the options export, that an envdir may change between two
// attempts, and that the caller may have set without any option.

export type Variables = ReadonlyMap<string, string>;

export interface Restarts {
  readonly killOldDelayMs: number;
  /** undefined: no auto restart. */
  readonly autoRestartIntervalMs: number | undefined;
}

const DEFAULT_AUTO_RESTART_SECONDS = 360;
const DEFAULT_KILL_OLD_DELAY_SECONDS = 0;
const KILL_OLD_DELAY_WITH_AUTO_RESTART_SECONDS = 5;

/** `warn` is told of a value that is no number of seconds; the default stands in for it. */
export function restartsFrom(variables: Variables, warn: (message: string) => void): Restarts {
  const autoRestart = isTrue(variables.get('ENABLE_AUTO_RESTART'));
  const read = (name: string, fallback: number) => {
    const text = variables.get(name);
    if (text === undefined) return fallback;
    if (text === '') return 0;
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    warn(`${name}=${text}: not a number of seconds, using ${fallback}`);
    return fallback;
  };
  const delay = autoRestart ? KILL_OLD_DELAY_WITH_AUTO_RESTART_SECONDS : DEFAULT_KILL_OLD_DELAY_SECONDS;
  // An interval of 0 means the default too, as in the reference.
  const interval =
    read('AUTO_RESTART_INTERVAL', DEFAULT_AUTO_RESTART_SECONDS) || DEFAULT_AUTO_RESTART_SECONDS;
  return {
    killOldDelayMs: read('KILL_OLD_DELAY', delay) * 1000,
    autoRestartIntervalMs: autoRestart ? interval * 1000 : undefined,
  };
}

/** True in Perl's sense. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && text !== '' && text !== '0';
}
