// --as=node in the foreground of a terminal, whose Ctrl-C reaches every process there at once: the superdaemon, npm, the
// shell, the server.

import { spawn } from 'node:child_process';
import { expect } from 'vitest';
import { publishedGenerations } from '../support/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { nodeProject } from '../support/node-project.ts';
import { itOurs } from '../support/ours.ts';
import { describeWhere } from '../support/permitted.ts';
import { processTree } from '../support/process-tree.ts';
import { program } from '../support/program.ts';

const plain = `
  import http from 'node:http';
  const server = http.createServer((_, answer) => {
    console.log('asked');
    setTimeout(() => answer.end('the whole answer'), 500);
  });
  server.listen(process.env.PORT);`;
const ending = `${plain}
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)));`;

/** A command on a terminal of its own; `type` is what a person types there. */
function onTerminal(command: string, cwd: string) {
  const tree = processTree();
  const terminal = spawn('script', ['-qefc', `exec ${command}`, '/dev/null'], {
    cwd,
    env: { ...process.env, ...tree.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  terminal.stdout.on('data', (data) => {
    screen += data;
  });
  const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve));
  return {
    ended,
    screen: () => screen,
    processes: tree.pids,
    type: (text: string) => void terminal.stdin.write(text),
    [Symbol.asyncDispose]: tree.end,
  };
}

describeWhere(
  'Ctrl-C lets the requests of a Node program come to their end:',
  ['script', '-qec', 'true', '/dev/null'],
  () => {
    itOurs.concurrent.each([
      ['of one that does not listen to signals', plain, 'node app.mjs'],
      ['of one that closes its server', ending, 'node app.mjs'],
      ['by npm start', plain, 'npm start'],
      ['of one that closes its server, by npm start', ending, 'npm start'],
      ['below a shell', plain, "sh -c 'node app.mjs; exit'"],
    ])('%s', async (_, code, command) => {
      using project = nodeProject(code);
      const port = await freePort();
      const options = `--as=node --interval=0 --port=127.0.0.1:${port} --status-file=status`;
      await using terminal = onTerminal(`${program} ${options} -- ${command}`, project.path);
      await eventually(() => expect(publishedGenerations(project.join('status'))).toEqual([1]));
      const answer = fetch(`http://127.0.0.1:${port}`).then((response) => response.text());
      await eventually(() => expect(terminal.screen()).toContain('asked'));
      terminal.type('\u0003');
      expect(await answer).toBe('the whole answer');
      expect(await terminal.ended).toBe(0);
      await eventually(() => expect(terminal.processes()).toEqual([]));
      expect(terminal.screen()).toMatch(/received INT, sending TERM[\s\S]*\nexiting\r?\n/);
      expect(terminal.screen()).not.toContain('behind');
    });
  },
);
