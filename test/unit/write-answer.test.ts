import { expect, it } from 'vitest';
import { anotherProcess } from './another-process.ts';

/** libuv makes a pipe that is opened as a stream non-blocking, for all who share it. */
const NON_BLOCKING = "new (require('node:net').Socket)({ fd: 1 });";

it.each([
  ['waits', ''],
  ['does not wait', NON_BLOCKING],
])('an answer is written whole to a slow reader, through a pipe that %s', async (_what, before) => {
  using writer = await anotherProcess('files/write-answer.ts');
  const slowly = ['sh', '-c', '"$@" | { sleep 0.2; wc -c; }', 'sh'] as const;
  const code = `${before} ours.writeAnswer('x'.repeat(1_000_000)); process.exit();`;
  expect(
    String(
      writer.run(code, { through: slowly, environment: { PATH: process.env.PATH ?? '' } }).stdout,
    ).trim(),
  ).toBe('1000001');
});

it('an answer that nobody reads is a failure in words', async () => {
  using writer = await anotherProcess('files/write-answer.ts');
  const unread = ['sh', '-c', '"$@" | true', 'sh'] as const;
  const code =
    "setTimeout(() => { try { ours.writeAnswer('x'.repeat(1_000_000)); } catch (e) { console.error(e.message); } }, 200)";
  const { stderr } = writer.run(code, { through: unread, environment: { PATH: process.env.PATH ?? '' } });
  expect(String(stderr)).toMatch(/^cannot write to standard output: .+\n$/);
});
