import { Agent, get } from 'node:https';
import { type AgentLoad, startAgentLoad } from './agent-load.ts';

export interface HttpsClients {
  readonly port: number;
  readonly clients: number;
  /** A connection is kept until the server closes it; otherwise each request has one of its own. */
  readonly keepAlive: boolean;
}

/** Each client asks again and again, of a server whose certificate nobody has to trust. */
export function startHttpsLoad({ port, clients, keepAlive }: HttpsClients): AgentLoad {
  const options = { keepAlive, maxSockets: clients, maxCachedSessions: 0, rejectUnauthorized: false };
  const agent = new Agent(options);
  return startAgentLoad({
    agent,
    get: () => get({ host: '127.0.0.1', port, agent }),
    clients,
    pauseMs: 5,
  });
}
