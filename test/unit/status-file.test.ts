import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { statusFile } from '../../src/files/status-file.ts';
import { tempDir } from '../support/temp-dir.ts';

const one = [{ generation: 1, pid: 101 }];
const two = [...one, { generation: 2, pid: 102 }];

function setUp(name = 'status', stays = false) {
  const dir = tempDir();
  const warnings: string[] = [];
  const path = dir.join(name);
  const file = statusFile(
    path,
    (message) => warnings.push(message.replace(dir.path, 'DIR')),
    () => stays,
  );
  return {
    dir,
    path,
    file,
    warnings,
    text: () => readFileSync(path, 'utf8'),
    [Symbol.dispose]: () => {
      file[Symbol.dispose]();
      dir[Symbol.dispose]();
    },
  };
}

describe('the status file', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes with its superdaemon, and stays where somebody serves on whom it lists', () => {
    using gone = setUp();
    using stays = setUp('status', true);
    for (const { file } of [gone, stays]) {
      file.publish(one);
      file[Symbol.dispose]();
    }
    expect(readdirSync(gone.dir.path)).toEqual([]);
    expect(stays.text()).toBe('1:101\n');
  });

  it('has a line for each generation, and nothing lies beside it', () => {
    using status = setUp();
    status.file.publish(two);
    expect(status.text()).toBe('1:101\n2:102\n');
    expect(readdirSync(status.dir.path)).toEqual(['status']);
  });

  it('does not exist before the first worker has started', () => {
    using status = setUp();
    status.file.publish([]);
    expect(readdirSync(status.dir.path)).toEqual([]);
  });

  it('is empty once the last worker has gone, and removed at the end', () => {
    using status = setUp();
    status.file.publish(one);
    status.file.publish([]);
    expect(status.text()).toBe('');
    status.file[Symbol.dispose]();
    expect(readdirSync(status.dir.path)).toEqual([]);
  });

  it('that somebody else put there is not removed', () => {
    using status = setUp();
    status.file.publish(one);
    writeFileSync(status.dir.join('theirs'), 'theirs');
    renameSync(status.dir.join('theirs'), status.path);
    status.file[Symbol.dispose]();
    expect(status.text()).toBe('theirs');
  });

  it('replaces a symbolic link instead of writing to what it names', () => {
    using status = setUp();
    writeFileSync(status.dir.join('precious'), 'precious');
    symlinkSync('precious', status.path);
    status.file.publish(one);
    expect(readFileSync(status.dir.join('precious'), 'utf8')).toBe('precious');
    expect(() => readlinkSync(status.path)).toThrow('EINVAL');
  });

  it('that cannot be written is reported once, tried again, and written when that works', () => {
    using status = setUp('sub/status');
    status.file.publish(one);
    vi.advanceTimersByTime(10_000);
    status.file.publish(two);
    vi.advanceTimersByTime(10_000);
    expect(status.warnings).toEqual(['cannot write status file DIR/sub/status: no such file or directory']);
    mkdirSync(status.dir.join('sub'));
    vi.advanceTimersByTime(1000);
    expect(status.text()).toBe('1:101\n2:102\n');
  });

  it('is reported again when it fails for the second time', () => {
    using status = setUp('sub/status');
    status.file.publish(one);
    mkdirSync(status.dir.join('sub'));
    vi.advanceTimersByTime(1000);
    rmSync(status.dir.join('sub'), { recursive: true });
    status.file.publish(two);
    expect(status.warnings).toHaveLength(2);
  });

  it('leaves no temporary file behind when it cannot be put in place', () => {
    using status = setUp();
    mkdirSync(status.path);
    status.file.publish(one);
    expect(readdirSync(status.dir.path)).toEqual(['status']);
    expect(status.warnings).toHaveLength(1);
  });

  it('removes what a superdaemon has left beside it that was killed while it wrote', () => {
    using status = setUp();
    writeFileSync(`${status.path}.start-server-new`, 'half of');
    status.file.publish(one);
    expect(status.text()).toBe('1:101\n');
    expect(readdirSync(status.dir.path)).toEqual(['status']);
  });

  it('is written where the name beside it is taken by what is not ours, which stays', () => {
    using status = setUp();
    writeFileSync(status.dir.join('precious'), 'precious');
    symlinkSync('precious', `${status.path}.start-server-new`);
    status.file.publish(one);
    expect(status.text()).toBe('1:101\n');
    expect(readFileSync(status.dir.join('precious'), 'utf8')).toBe('precious');
    expect(readdirSync(status.dir.path)).toEqual(['precious', 'status', 'status.start-server-new']);
  });

  it('says what is true now, not what it could not be told before', () => {
    using status = setUp('sub/status');
    mkdirSync(status.dir.join('sub'));
    status.file.publish(one);
    renameSync(status.dir.join('sub'), status.dir.join('away'));
    status.file.publish(two);
    status.file.publish(one);
    renameSync(status.dir.join('away'), status.dir.join('sub'));
    vi.advanceTimersByTime(5000);
    expect(status.text()).toBe('1:101\n');
  });

  it('is not written any more for a worker that died before it could be', () => {
    using status = setUp('sub/status');
    status.file.publish(one);
    status.file.publish([]);
    mkdirSync(status.dir.join('sub'));
    vi.advanceTimersByTime(5000);
    const files = readdirSync(status.dir.join('sub'));
    expect(files.length === 0 || status.text() === '').toBe(true);
  });

  it('is not tried any more after the end', () => {
    using status = setUp('sub/status');
    status.file.publish(one);
    status.file[Symbol.dispose]();
    mkdirSync(status.dir.join('sub'));
    vi.advanceTimersByTime(5000);
    expect(readdirSync(status.dir.join('sub'))).toEqual([]);
  });
});
