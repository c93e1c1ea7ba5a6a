// Loaded by Node in front of our program (START_SERVER_NODE_OPTIONS=--require=…): every call that the program makes of the C
// library, by way of koffi, and of node:fs goes through here. Either each is noted with the ways in which it can fail, or
// one of them fails, or the process is killed as it makes it. The program itself knows nothing of it.

const fs = require('node:fs');
const { constants } = require('node:os');
const { getSystemErrorMap } = require('node:util');
const { waysOfC, waysOfNode } = require('./ways.cjs');

/**
 * `NOTES`: where each call is noted. `FAULT`: which call is to fail, and how. `FIRED`: is made as it does. `WHILE`: calls fail
 * as long as it is there, instead of one once.
 */
const { FAULTS_NOTES: NOTES, FAULTS_FAULT: FAULT, FAULTS_FIRED: FIRED, FAULTS_WHILE: WHILE } = process.env;
const { appendFileSync, existsSync, writeFileSync } = fs;
const image = imageOf();
const fault = FAULT === undefined ? undefined : JSON.parse(FAULT);
const seen = new Map();

interposeNode();
interposeC();

/** An upgrade brings a second program into the process, and two others on trial. */
function imageOf() {
  const state = process.env.START_SERVER_STATE;
  if (state === undefined) return 'first';
  if (!process.argv.includes('--try-upgrade')) return 'successor';
  return state === 'describe' ? 'described' : 'tried';
}

/** undefined: this call is to do what it does. Otherwise how it is to fail. */
function howToFail(name, waysOf, args) {
  // To find out who calls is the most of it.
  if (NOTES === undefined && !mayBeMeant(name)) return undefined;
  const callers = callersOf();
  if (callers === undefined) return undefined;
  const call = [name, ...callers].join(' < ');
  const nth = (seen.get(call) ?? 0) + 1;
  seen.set(call, nth);
  if (NOTES !== undefined) {
    appendFileSync(NOTES, `${JSON.stringify({ image, call, nth, ways: waysOf(args) })}\n`);
    return undefined;
  }
  const isToFail = WHILE === undefined ? isTheOne({ call, nth }) : isTroubled(call, waysOf, args);
  if (!isToFail) return undefined;
  writeFileSync(FIRED, '');
  if (fault.way === 'KILL') process.kill(process.pid, 'SIGKILL');
  return fault.way;
}

function mayBeMeant(name) {
  if (fault === undefined || (fault.call !== '' && fault.call.split(' ')[0] !== name)) return false;
  return WHILE === undefined ? fault.image === image : existsSync(WHILE);
}

/** Once in a life: another trial has calls of the same names. */
function isTheOne({ call, nth }) {
  return fault.call === call && fault.nth === nth && !existsSync(FIRED);
}

function isTroubled(call, waysOf, args) {
  const isMeant = fault.call === '' || `${call} `.startsWith(`${fault.call} `);
  return isMeant && waysOf(args).includes(fault.way);
}

/** The functions of our program that lead to this call, the innermost first; undefined: it is not our program's. */
function callersOf() {
  const frames = framesHere();
  if (!isOurs(frames[0])) return undefined;
  // The bundler numbers those of one name.
  const names = frames.filter(isOurs).map((frame) => (frame.getFunctionName() ?? '').replace(/\d+$/, ''));
  return names.filter((name) => /^[\w.#$]+$/.test(name)).slice(0, MOST_CALLERS);
}

const MOST_CALLERS = 4;

function framesHere() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, frames) => frames;
  Error.stackTraceLimit = 40;
  const { stack } = new Error();
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  // Without those of this file.
  return stack.slice(stack.findIndex((frame) => frame.getFileName() !== __filename));
}

function isOurs(frame) {
  return /\/dist\/start-server[\w-]*\.cjs$/.test(frame?.getFileName() ?? '');
}

function interposeNode() {
  for (const [name, waysOf] of Object.entries(waysOfNode)) {
    const real = fs[name];
    fs[name] = Object.assign((...args) => {
      const way = howToFail(name, waysOf, args);
      return way === undefined ? real(...args) : failNode({ name, real, args, way });
    }, real);
  }
  const native = fs.realpathSync.native;
  fs.realpathSync.native = (...args) => {
    const way = howToFail('realpathSync', waysOfNode.realpathSync, args);
    return way === undefined ? native(...args) : failNode({ name: 'realpathSync', real: native, args, way });
  };
}

function failNode({ name, real, args, way }) {
  if (way === 'SHORT') return real(...shortened(name, args));
  if (way === 'FALSE') return false;
  // The descriptor is gone all the same, and a part of the file is written.
  if (name === 'closeSync') real(...args);
  if (name === 'writeFileSync') real(args[0], args[1].slice(0, args[1].length / 2));
  const error = nodeError(name, way);
  const answer = name.endsWith('Sync') || name === 'watch' ? undefined : args.at(-1);
  if (answer === undefined) throw error;
  setImmediate(answer, error);
}

/** Half of it: read(2) and write(2) may always do less than they are asked. */
function shortened(name, args) {
  const [fd, block, ...rest] = args;
  if (typeof block === 'string') return [fd, block.slice(0, Math.ceil(block.length / 2)), ...rest];
  const [offset = 0, length = block.length - offset, ...others] = rest;
  if (name === 'writeSync' && rest.length === 1)
    return [fd, block.subarray(0, Math.ceil(block.length / 2)), ...rest];
  return [fd, block, offset, Math.ceil(length / 2), ...others];
}

function nodeError(name, code) {
  const errno = -constants.errno[code];
  const syscall = name.replace('Sync', '');
  const words = getSystemErrorMap().get(errno)?.[1] ?? code;
  return Object.assign(new Error(`${code}: ${words}, ${syscall}`), { errno, code, syscall });
}

/** koffi's binary is loaded by process.dlopen, and calls what it is told of by a prototype. */
function interposeC() {
  const { dlopen } = process;
  process.dlopen = (module, ...rest) => {
    dlopen.call(process, module, ...rest);
    if (typeof module.exports.load === 'function') module.exports = failingKoffi(module.exports);
  };
}

function failingKoffi(koffi) {
  let errno = 0;
  const fail = ({ name, real, args, way }) => {
    if (way.startsWith('CHILD')) {
      const [, place] = way.split('-');
      // No such call: the child gives up there, and says ENOSYS.
      args[3].writeBigInt64LE(9999n, Number(place) * CHILD_CALL);
      return real(...args);
    }
    if (name === 'close') real(...args);
    if (way === 'NULL') return null;
    if (way === 'ZERO') return 0;
    errno = constants.errno[way];
    return name.startsWith('posix_spawn') ? errno : -1;
  };
  const func = (real, name) => {
    const waysOf = waysOfC[name];
    if (waysOf === undefined) return real;
    return (...args) => {
      errno = 0;
      const way = howToFail(name, waysOf, args);
      return way === undefined ? real(...args) : fail({ name, real, args, way });
    };
  };
  const load = (...path) => {
    const library = koffi.load(...path);
    return {
      func: (...prototype) => func(library.func(...prototype), /(\w+)(\(|$)/.exec(prototype[0])?.[1] ?? ''),
    };
  };
  return Object.create(koffi, {
    load: { value: load },
    errno: { value: () => errno || koffi.errno() },
  });
}

/** Of a call list (call-list.ts), in bytes. */
const CHILD_CALL = 48;
