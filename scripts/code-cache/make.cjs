// Makes the code cache: the launcher runs a superdaemon with this file required into it, which leads a short life, so that
// the functions that a start, a deploy, a crash and the end need are compiled, and keeps what V8 has made of the bundle by
// then. That it fails is no failure: without a cache a start takes a little longer.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const vm = require('node:vm');

const CACHE = join(__dirname, 'start-server.cache');
const LIMIT_MS = 20_000;
const POLL_MS = 20;

if (require.main === module) runOnce(['--port=127.0.0.1:0']);
else keepCompiled();

/** Once more without the port, where there is no network, not even that address. */
function runOnce(port) {
  const directory = fs.mkdtempSync(join(tmpdir(), 'start-server-'));
  const options = ['--interval=0', '--path=socket', '--pid-file=pid', '--status-file=status', ...port];
  fs.rmSync(CACHE, { force: true });
  const superdaemon = spawn(join(__dirname, '../bin/start-server'), [...options, '--', 'sleep', '60'], {
    cwd: directory,
    env: { ...process.env, START_SERVER_NODE_OPTIONS: `--require=${JSON.stringify(__filename)}` },
    stdio: 'ignore',
  });
  setTimeout(() => superdaemon.kill(), LIMIT_MS).unref();
  superdaemon.on('error', () => {});
  superdaemon.on('close', () => {
    fs.rmSync(directory, { recursive: true, force: true });
    if (port.length > 0 && !fs.existsSync(CACHE)) runOnce([]);
  });
}

function keepCompiled() {
  const { Script } = vm;
  const { unlinkSync } = fs;
  let keep = () => {};
  vm.Script = class extends Script {
    constructor(source, options) {
      super(source, options);
      keep = () => {
        const before = Buffer.concat([options.maker, options.file, Buffer.from(source, 'latin1')]);
        save([before, Buffer.alloc(-before.length & 7), this.createCachedData()]);
      };
      live();
    }
  };
  fs.unlinkSync = (path) => {
    unlinkSync(path);
    // A superdaemon's last step but one.
    if (String(path) === 'pid') queueMicrotask(keep);
  };
}

/** A deploy, a crash, the end. */
function live() {
  const told = new Set();
  setInterval(() => {
    const [generation, pid] = readStatus().trim().split(':');
    if (told.has(generation)) return;
    told.add(generation);
    if (generation === '1') process.kill(process.pid, 'SIGHUP');
    if (generation === '2') process.kill(pid, 'SIGKILL');
    if (generation === '3') process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
}

function readStatus() {
  try {
    return fs.readFileSync('status', 'latin1');
  } catch {
    return '';
  }
}

/** Readers see the whole cache or none. */
function save(parts) {
  const temporary = `${CACHE}.${process.pid}`;
  // It never writes through a link that somebody has put there.
  fs.writeFileSync(temporary, Buffer.concat(parts), { flag: 'wx' });
  fs.renameSync(temporary, CACHE);
}
