// Makes the code cache: the launcher runs a superdaemon with this file required into it, which deploys once, so that the
// functions that a start and a deploy need are compiled, and keeps what V8 has made of the bundle by then. That it fails
// is no failure: without a cache a start takes a little longer.

const { spawn } = require('node:child_process');
const { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const vm = require('node:vm');

const CACHE = join(__dirname, 'start-server.cache');
const LIMIT_MS = 20_000;
const POLL_MS = 20;

if (require.main === module) runOnce();
else keepCompiled();

function runOnce() {
  const directory = mkdtempSync(join(tmpdir(), 'start-server-'));
  const options = ['--interval=0', '--path=socket', '--pid-file=pid', '--status-file=status'];
  rmSync(CACHE, { force: true });
  const superdaemon = spawn(join(__dirname, '../bin/start-server'), [...options, '--', 'sleep', '60'], {
    cwd: directory,
    env: { ...process.env, NODE_OPTIONS: `--require=${JSON.stringify(__filename)}` },
    stdio: 'ignore',
  });
  setTimeout(() => superdaemon.kill(), LIMIT_MS).unref();
  superdaemon.on('error', () => {});
  superdaemon.on('close', () => rmSync(directory, { recursive: true, force: true }));
}

function keepCompiled() {
  const { Script } = vm;
  vm.Script = class extends Script {
    constructor(source, options) {
      super(source, options);
      whenDeployed(() => save(source, this));
    }
  };
}

function whenDeployed(act) {
  let told = false;
  const look = setInterval(() => {
    const [generation] = readStatus().split(':');
    if (generation === '1' && !told) told = process.kill(process.pid, 'SIGHUP');
    if (generation !== '2') return;
    clearInterval(look);
    act();
    process.kill(process.pid, 'SIGTERM');
  }, POLL_MS);
}

function readStatus() {
  try {
    return readFileSync('status', 'latin1');
  } catch {
    return '';
  }
}

/** Readers see the whole cache or none. */
function save(source, script) {
  const temporary = `${CACHE}.${process.pid}`;
  writeFileSync(temporary, Buffer.concat([Buffer.from(source, 'latin1'), script.createCachedData()]));
  renameSync(temporary, CACHE);
}
