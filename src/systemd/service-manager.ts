// The service manager that started us, if it wants to be told how we are: systemd, or whoever set NOTIFY_SOCKET.

import { LONGEST_TIMER_MS } from '../posix/clock.ts';
import type { Environment } from '../posix/process/caller.ts';
import { datagramSender } from '../posix/socket/datagram.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type Facts, messages } from './messages.ts';
import { notifyAddress } from './notify-address.ts';
import { type Message, outbox } from './outbox.ts';

export interface ServiceManager extends Disposable {
  onEvent(event: LogEvent): void;
  /** What it has had no room for, for the successor. */
  forSuccessor(): readonly Message[];
}

/** undefined when nobody wants to be told. */
export function serviceManager(
  environment: Environment,
  facts: Omit<Facts, 'pid' | 'monotonicUsec'>,
  begins?: readonly Message[],
): ServiceManager | undefined {
  const address = notifyAddress(environment);
  if (address === undefined) return undefined;
  const out = outbox(datagramSender(address), begins);
  const say = messages({ ...facts, pid: process.pid, monotonicUsec: () => process.hrtime.bigint() / 1000n });
  const watchdogMs = watchdogIntervalMs(environment);
  const watchdog =
    watchdogMs === undefined ? undefined : setInterval(() => out.tell(['WATCHDOG=1']), watchdogMs);
  return {
    onEvent: (event) => {
      const lines = say(event);
      if (lines !== undefined && lines.length > 0) out.tell(lines);
    },
    forSuccessor: out.forSuccessor,
    [Symbol.dispose]: () => {
      clearInterval(watchdog);
      out[Symbol.dispose]();
    },
  };
}

/** Half of what it grants us, as sd_watchdog_enabled(3) has it. */
function watchdogIntervalMs(environment: Environment): number | undefined {
  const [usec = '', pid = String(process.pid)] = [
    environment.get('WATCHDOG_USEC'),
    environment.get('WATCHDOG_PID'),
  ];
  if (!/^[1-9]\d{0,15}$/.test(usec) || pid !== String(process.pid)) return undefined;
  return Math.min(Math.max(1, Math.floor(Number(usec) / 2000)), LONGEST_TIMER_MS);
}
