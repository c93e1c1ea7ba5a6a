import type { ControlOptions } from './client.ts';
import { parseCommandLine, parseScaling } from './parse-request.ts';
import type { Request } from './protocol.ts';

interface Asked {
  /** The client's. */
  readonly number: number;
  readonly request: Request['request'] | undefined;
  readonly line: string;
}

/** What a client has asked for, beside being answered. */
export function carryOut(options: ControlOptions, { number, request, line }: Asked): void {
  if (request === 'deploy' || request === 'cancel') options[request](number);
  if (request === 'upgrade') options.upgrade();
  const scaling = request === 'scale' ? parseScaling(line) : undefined;
  if (scaling !== undefined) options.scale(number, scaling);
  const commandLine = request === 'reconfigure' ? parseCommandLine(line) : undefined;
  if (commandLine !== undefined) options.reconfigure(number, commandLine);
}
