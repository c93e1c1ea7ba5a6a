import { expect, it } from 'vitest';
import { anotherProcess } from './another-process.ts';

it('what is thrown as a descriptor becomes readable is an uncaught exception like any other', async () => {
  using process = await anotherProcess('posix/libc/libc-poll.ts');
  const { stdout } = process.run(`
    process.on('uncaughtException', ({ message }) => { console.log(message); process.exit(); });
    const watching = ours.whenReadable(0, () => { watching[Symbol.dispose](); throw new Error('ours'); });
    setTimeout(() => console.log('never heard of'), 5000);
  `);
  expect(String(stdout)).toBe('ours\n');
});
