// What many deploys leave behind in the superdaemon: memory, descriptors, slower deploys.
import { memory, openFds } from '../proc.ts';
import { commandLine, type Program } from '../programs.ts';
import { type Goal, interleaved, newSamples, type Rig, type Row, timesReference } from '../rig.ts';
import { summarize } from '../statistics.ts';
import { deploy, SETTLE_MS } from './hup.ts';

// Caches and compiled code are in place by then.
const WARM_UP_ROUNDS = 20;

type Course = {
  readonly program: Program;
  readonly pid: number;
  readonly memory: number;
  readonly fds: number;
  readonly deploys: number[];
};

export async function growth(rig: Rig): Promise<readonly Row[]> {
  const courses: Course[] = [];
  for (const program of rig.programs) courses.push(await begin(rig, program));
  for (const { program, deploys } of interleaved(rig.deploys, courses)) {
    deploys.push(await deploy(rig, program));
  }
  const rows = compare(courses, rig.deploys);
  for (const { side } of rig.programs) await rig.driver.stop(side, SETTLE_MS);
  return rows;
}

async function begin(rig: Rig, program: Program): Promise<Course> {
  const argv = commandLine(program, { sockets: 1, worker: [rig.worker] });
  const { pid } = await rig.driver.start(program.side, SETTLE_MS, argv);
  for (const each of interleaved(WARM_UP_ROUNDS, [program])) await deploy(rig, each);
  return { program, pid, memory: memory(pid).anonymous, fds: openFds(pid), deploys: [] };
}

function compare(courses: readonly Course[], count: number): readonly Row[] {
  const [memories, fds, deploys] = [newSamples(), newSamples(), newSamples()];
  for (const course of courses) {
    const { side } = course.program;
    memories[side].push(memory(course.pid).anonymous - course.memory);
    fds[side].push(openFds(course.pid) - course.fds);
    deploys[side].push(slowdown(course.deploys));
  }
  const after = `after ${count} deploys`;
  const atMost = (value: number): Goal => ({ kind: 'value', atMost: value });
  return [
    { what: `anonymous memory gained ${after}`, unit: 'KB', samples: memories, goal: atMost(512) },
    { what: `descriptors gained ${after}`, unit: '', samples: fds, goal: atMost(0) },
    { what: `last deploys / first ${after}`, unit: '', samples: deploys, goal: timesReference(1.25) },
  ];
}

/** The last quarter's median over the first quarter's. */
function slowdown(deploys: readonly number[]): number {
  const quarter = Math.ceil(deploys.length / 4);
  const first = summarize(deploys.slice(0, quarter))?.median ?? Number.NaN;
  const last = summarize(deploys.slice(-quarter))?.median ?? Number.NaN;
  return last / first;
}
