// What a client shows of its superdaemon's events while it waits for its answer.

import { expect, it } from 'vitest';
import { anotherProcess } from './another-process.ts';

/** Follows these events until `deployed`; what the client has written. */
async function followed(...events: readonly object[]): Promise<string> {
  using client = await anotherProcess('client/follow.ts');
  const code = `
    const events = JSON.parse(words[0])[Symbol.iterator]();
    const connection = { hello: { log: '/log' }, events: { next: async () => events.next() } };
    const superdaemon = { pid: process.pid, isGone: () => true };
    const limit = { within: (wanted) => wanted };
    const asking = { superdaemon, pidFile: 'pid', what: 'the deploy', describe: () => '', wayOut: 'TERM ends it', limit, quiet: false };
    const take = ({ event }) => event === 'deployed' ? 'done' : undefined;
    ours.follow(connection, asking, take).then(console.error, (error) => console.error(error.message));`;
  return String(client.run(code, { words: [JSON.stringify(events)] }).stderr);
}

const fails = (pid: number) => ({ event: 'worker-failed-to-start', generation: 2, pid, status: 256 });
const failed = (pid: number) => `new worker ${pid} seems to have failed to start, exit status:256\n`;
const deployed = {
  ...{ event: 'deployed', generation: 2, pid: 13, signal: 'SIGTERM', oldPids: [11], leaving: [11] },
};

it('the first failure comes with where to look and what to do, further ones do not', async () => {
  expect(await followed(fails(12), fails(13), deployed)).toBe(
    `${failed(12)}what the program said is in /log; TERM ends it\n${failed(13)}` +
      'new worker is now running, sending TERM to old workers:11\ndone\n',
  );
});

it('a superdaemon that ends before the answer is named', async () => {
  expect(await followed(fails(12))).toMatch(
    /\n--pid-file=pid: superdaemon \d+ went away during the deploy\n$/,
  );
});
