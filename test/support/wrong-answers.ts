// Who was allowed to answer when: a worker of that generation, and that very process, must have been able to live while the request
// was under way. Pure: from what the clients and the superdaemon have noted.

import type { Answerer, Request } from './history.ts';
import type { Life } from './lives.ts';

/** Each answer that nobody can have given, in words. */
export function wrongAnswers(requests: readonly Request[], lives: readonly Life[]): readonly string[] {
  const pids = new Set(lives.map(({ pid }) => pid));
  const answered = requests.flatMap(({ answerer, ...request }) =>
    answerer === undefined ? [] : [{ ...request, answerer }],
  );
  // Behind wrappers, and of servers with workers of their own, other processes answer: then all of them do.
  const areWorkers = answered.some(({ answerer: { pid } }) => pid !== undefined && pids.has(pid));
  return [
    ...answered.flatMap((request) => {
      const fault = faultOf(request, candidates(lives, request.answerer, areWorkers));
      return fault === undefined ? [] : [`${nameOf(request.answerer)} answered ${fault}`];
    }),
    ...changedHands(answered),
  ];
}

type Answered = Request & { readonly answerer: Answerer };

function candidates(
  lives: readonly Life[],
  { generation, pid }: Answerer,
  areWorkers: boolean,
): readonly Life[] {
  return lives.filter(
    (life) => life.generation === generation && (!areWorkers || pid === undefined || life.pid === pid),
  );
}

function faultOf({ beganMs, endedMs }: Answered, lives: readonly Life[]): string | undefined {
  if (lives.length === 0) return 'although it was never started';
  const born = lives.filter(({ bornAfterMs }) => bornAfterMs <= endedMs);
  if (born.length === 0)
    return `${Math.min(...lives.map(({ bornAfterMs }) => bornAfterMs)) - endedMs} ms before it was started`;
  if (born.some(({ goneByMs }) => goneByMs >= beganMs)) return undefined;
  return `a request that began ${beganMs - Math.max(...born.map(({ goneByMs }) => goneByMs))} ms after it had gone`;
}

/** A connection stays with the process that has accepted it. */
function changedHands(answered: readonly Answered[]): readonly string[] {
  const owners = new Map<number, string>();
  return answered.flatMap(({ connection, answerer }) => {
    if (connection === undefined) return [];
    const [name, owner] = [nameOf(answerer), owners.get(connection)];
    owners.set(connection, name);
    return owner === undefined || owner === name ? [] : [`${name} answered on a connection of ${owner}`];
  });
}

function nameOf({ generation, pid }: Answerer): string {
  return pid === undefined ? `generation ${generation}` : `process ${pid} of generation ${generation}`;
}
