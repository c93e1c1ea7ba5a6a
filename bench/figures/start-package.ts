// The single file of `npm run package` beside npm's form: nothing is measured as long as it has not been made.
import { commandLine, findPackage, type Program } from '../programs.ts';
import { interleaved, newSamples, type Rig, type Row } from '../rig.ts';

const SETTLE_MS = 60;

export async function startPackage({ driver, programs, worker, rounds }: Rig): Promise<readonly Row[]> {
  const [ours] = programs;
  const path = findPackage();
  if (path === undefined || ours === undefined) return [];
  const samples = newSamples();
  const start = async ({ side, path }: Program): Promise<number> => {
    const argv = commandLine({ side, path }, { sockets: 1, worker: [worker] });
    const { ms } = await driver.start(side, SETTLE_MS, argv);
    await driver.stop(side, SETTLE_MS);
    return ms;
  };
  for (const each of interleaved(rounds, ['the single file', 'the form of npm'])) {
    if (each === 'the single file') samples.ours.push(await start({ side: 'ours', path }));
    else samples.floor.push(await start({ side: 'ours', path: ours.path }));
  }
  return [{ what: 'the single file: start to first worker', unit: 'ms', samples, floor: 'form of npm' }];
}
