import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pageAt } from '../support/documents.ts';
import { folderOf, frameworks } from '../support/framework.ts';

describe.each(frameworks)('$name', ({ name, command }) => {
  it('has a line in docs/frameworks.md, with the command that the tests deploy', () => {
    const lines = pageAt('docs/frameworks.md').text.split('\n');
    const folder = `(../examples/frameworks/${name}`;
    const line = lines.find((each) => each.includes(`${folder}/`) || each.includes(`${folder})`)) ?? '';
    // Next puts it into a folder of the project's name where the project is a part of a larger one.
    expect(line).toContain(`\`${command.replace('standalone/next-standalone', 'standalone')}\``);
  });

  it('runs that command by npm start', () => {
    const { scripts } = JSON.parse(readFileSync(`${folderOf(name)}/package.json`, 'utf8'));
    expect(scripts.start).toBe(command);
  });
});
