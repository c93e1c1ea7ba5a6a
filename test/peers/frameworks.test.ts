// What people run, deployed as it is, under load: new connections, kept-alive ones, conversations over WebSocket.

import { describe, expect, it } from 'vitest';
import { type ConversationReport, startConversation } from '../support/conversation.ts';
import { deploy, serves } from '../support/deploy.ts';
import {
  describeFramework,
  type Framework,
  folderOf,
  frameworks,
  startFramework,
  type Way,
} from '../support/framework.ts';
import { freePort } from '../support/free-port.ts';
import { startKeepAliveLoad } from '../support/keep-alive-load.ts';
import { startLoad } from '../support/load.ts';
import { expectNothingLost } from '../support/nothing-lost.ts';
import { expectRightAnswers } from '../support/right-answers.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Of each framework, dealt out to the ways to run it. */
const deploys = Number(process.env.FRAMEWORK_DEPLOYS ?? 2);
const ways: readonly Way[] = [
  { through: 'npm start', workers: 2 },
  { through: 'node', workers: 1 },
  { through: 'npm start', workers: 1 },
  { through: 'node', workers: 2 },
];
const clients = 3;
const withinMs = 60_000;
const itsTimeMs = 300_000;

describe.concurrent('deployed under load, nothing is lost:', () => {
  for (const framework of frameworks) {
    describeFramework(framework, () => {
      for (const [index, way] of ways.entries()) {
        const times = Math.ceil((deploys - index) / ways.length);
        if (times <= 0) continue;
        const command = way.through === 'npm start' ? 'npm start' : framework.command;
        it(
          `${framework.name}, ${times} times, as ${command} with --workers=${way.workers}`,
          () => losesNothing(framework, way, times),
          itsTimeMs,
        );
      }
    });
  }
});

const throughNpm = 2 * deploys;
const [express] = frameworks;
if (express !== undefined) {
  describeFramework(express, () => {
    it(
      `through npm start: each npm ends with its server, and ${throughNpm} deploys and a stop leave nothing behind`,
      async () => {
        using dir = tempDir();
        const way = { through: 'npm start', workers: 1 } as const;
        await using superdaemon = startFramework(express, { dir, port: await freePort(), way });
        const deployment = { superdaemon, statusFile: dir.join('status'), loads: [], withinMs };
        await serves(deployment, 1);
        for (let count = 0; count < throughNpm; count += 1) {
          const old = superdaemon.processes().filter((pid) => pid !== superdaemon.pid);
          expect(old.length).toBeGreaterThan(1);
          await deploy(deployment);
          const left = superdaemon.processes().filter((pid) => old.includes(pid));
          expect(left).toEqual([]);
        }
        superdaemon.signal('SIGTERM');
        expect(await superdaemon.ended(withinMs)).toEqual({ code: 0, signal: null });
        expect(superdaemon.processes()).toEqual([]);
      },
      itsTimeMs,
    );
  });
}

async function losesNothing(framework: Framework, way: Way, times: number): Promise<void> {
  using dir = tempDir();
  const port = await freePort();
  await using superdaemon = startFramework(framework, { dir, port, way });
  const statusFile = dir.join('status');
  await serves({ superdaemon, statusFile, loads: [], withinMs }, 1);
  await using load = startLoad({ target: { port }, clients, pauseMs: 10, timeoutMs: 30_000 });
  await using kept = startKeepAliveLoad({ port }, clients, 10);
  await using talk = startTalk(framework, port);
  const deployment = { superdaemon, statusFile, loads: [load, kept, ...talk.all], withinMs };

  await serves(deployment, 1);
  for (let count = 0; count < times; count += 1) await deploy(deployment);
  expectNothingLost(await load.stop(), times + 1);
  const { losses, requests, connections } = await kept.stop();
  expect(losses).toEqual([]);
  expect(requests).toBeGreaterThan(connections);
  for (const report of await talk.stop()) expectEachAnsweredOnce(report);

  superdaemon.signal('SIGTERM');
  expect(await superdaemon.ended(withinMs)).toEqual({ code: 0, signal: null });
  expect(superdaemon.processes()).toEqual([]);
  expectRightAnswers(superdaemon, [load, kept]);
}

function startTalk({ name, client }: Framework, port: number) {
  const urls = client === undefined ? [] : [`${client}://127.0.0.1:${port}`];
  const all = urls.map((url) => startConversation(`${folderOf(name)}/client.js`, url));
  return {
    all,
    stop: () => Promise.all(all.map((each) => each.stop())),
    [Symbol.asyncDispose]: async () => {
      for (const each of all) await each[Symbol.asyncDispose]();
    },
  };
}

function expectEachAnsweredOnce({ answered, complaints }: ConversationReport): void {
  expect(complaints).toBe('');
  expect(answered).toEqual(answered.map((_, index) => index + 1));
}
