// The service manager that started us, if it wants to hear how we are: systemd, or whoever set NOTIFY_SOCKET.

import { toBytes } from '../posix/bytes.ts';
import type { Environment } from '../posix/caller.ts';
import { datagramSender } from '../posix/datagram.ts';
import { abstractAddress, sockaddr } from '../posix/sockaddr.ts';
import type { LogEvent } from '../superdaemon/log-event.ts';
import { type Facts, messages } from './messages.ts';

export interface ServiceManager extends Disposable {
  hear(event: LogEvent): void;
}

/** undefined when nobody wants to hear. */
export function serviceManager(
  environment: Environment,
  facts: Omit<Facts, 'pid' | 'monotonicUsec'>,
): ServiceManager | undefined {
  const address = addressOf(environment.get('NOTIFY_SOCKET') ?? '');
  if (address === undefined) return undefined;
  const send = datagramSender(address);
  const tell = (lines: readonly string[]) => {
    try {
      send(`${lines.join('\n')}\n`);
    } catch {
      // It does not listen at the moment: that is no reason not to serve.
    }
  };
  const say = messages({ ...facts, pid: process.pid, monotonicUsec: () => process.hrtime.bigint() / 1000n });
  const watchdogMs = watchdogIntervalMs(environment);
  const watchdog = watchdogMs === undefined ? undefined : setInterval(() => tell(['WATCHDOG=1']), watchdogMs);
  return {
    hear: (event) => {
      const lines = say(event);
      if (lines !== undefined) tell(lines);
    },
    [Symbol.dispose]: () => clearInterval(watchdog),
  };
}

/** A path, or an abstract name behind an @. Others (VSOCK) are for virtual machines. */
function addressOf(name: string): Buffer | undefined {
  if (name.startsWith('@') && name.length > 1) return abstractAddress(name.slice(1));
  return name.startsWith('/') ? sockaddr({ family: 'unix', path: toBytes(name) }) : undefined;
}

/** Half of what it grants us, as sd_watchdog_enabled(3) has it. */
function watchdogIntervalMs(environment: Environment): number | undefined {
  const [usec = '', pid = String(process.pid)] = [
    environment.get('WATCHDOG_USEC'),
    environment.get('WATCHDOG_PID'),
  ];
  if (!/^[1-9]\d{0,15}$/.test(usec) || pid !== String(process.pid)) return undefined;
  return Math.max(1, Math.floor(Number(usec) / 2000));
}
