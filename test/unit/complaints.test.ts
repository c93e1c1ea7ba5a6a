import { expect, it } from 'vitest';
import { complaintsTo } from '../../src/sockets/complaints.ts';
import { parsePort } from '../../src/sockets/socket-spec.ts';
import { StartupError } from '../../src/startup-error.ts';

it('what is wrong with a socket is said once, and again when it has been right meanwhile', () => {
  const warnings: string[] = [];
  const complaints = complaintsTo((message) => warnings.push(message));
  const spec = parsePort('8080');
  const breaks = (why: string) =>
    complaints.about(spec, () => {
      throw new StartupError(why);
    });
  const isWhole = () => complaints.about(spec, () => {});
  breaks('it is gone');
  breaks('it is gone');
  expect([complaints.count(), complaints.has(spec), warnings.length]).toEqual([1, true, 1]);
  breaks('it is shut');
  expect(warnings).toHaveLength(2);
  isWhole();
  expect([complaints.count(), complaints.has(spec)]).toEqual([0, false]);
  breaks('it is shut');
  expect(warnings).toEqual(
    ['gone', 'shut', 'shut'].map(
      (why) => `it is ${why}: nobody gets to our socket until a deploy binds it anew`,
    ),
  );
});
