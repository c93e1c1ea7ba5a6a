import { Agent, get } from 'node:http';
import { type AgentLoad, startAgentLoad } from './agent-load.ts';
import type { Target } from './request.ts';

/**
 * Each client asks again and again over one connection, and opens a new one only when the server has closed it.
 * Between its requests it rests for `pauseMs`.
 */
export function startKeepAliveLoad(target: Target, clients: number, pauseMs = 0): AgentLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const place = 'port' in target ? target : { socketPath: target.path };
  return startAgentLoad({ agent, get: () => get({ ...place, agent }), clients, pauseMs });
}
