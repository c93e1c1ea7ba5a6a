import { expect, it } from 'vitest';
import { pages } from '../support/documents.ts';
import { describeOurs } from '../support/ours.ts';
import { isRunnable, promisedAnswers, runPage } from '../support/runnable-page.ts';

// One behind the other each page would wait for its own deploys.
describeOurs.concurrent('the commands of the documentation can be typed as they stand', () => {
  it.each(pages.filter(isRunnable))('$path', async (page) => {
    const promised = promisedAnswers(page);
    const lines = (await runPage(page)).split('\n');
    expect(lines.filter((line) => promised.includes(line))).toEqual(promised);
  });
});
