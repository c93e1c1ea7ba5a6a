// A shared object of a few hundred bytes, written here byte by byte since nothing may have to be compiled. Layout: elf(5).
// It has what no JavaScript can do:
// - a pthread_sigmask(3) that does nothing as long as `start_server_hold` is not 0, and afterwards what the C library's
//   does: rt_sigprocmask(how, set, old, 8), its result negated. Preloaded (ld.so(8), LD_PRELOAD), it keeps Node from
//   unblocking signals in its first 50 ms, in which HUP or TERM would end it.
// - `start_server_block`, a signal handler: the thread that it runs in goes on with the signals in its literal blocked.

import {
  aligned,
  DT,
  type ElfSymbol,
  EXECUTE,
  GLOBAL_FUNCTION,
  GLOBAL_OBJECT,
  HEADER,
  header,
  longs,
  PAGE,
  padded,
  READ,
  SEGMENT,
  SYMBOL,
  segment,
  symbol,
  WRITE,
} from './elf.ts';
import { machines, words } from './hold-code.ts';

/** Names of the symbols. */
export const HOLD = 'start_server_hold';
export const BLOCK = 'start_server_block';

/** Room for both functions. */
const TEXT = 96;
const ENTRY = 16;

/** `mask`: what `start_server_block` blocks. undefined for a machine whose code we do not know. */
export function holdLibrary(
  mask: bigint,
  architecture: NodeJS.Architecture = process.arch,
): Buffer | undefined {
  const machine = machines[architecture];
  if (machine === undefined) return undefined;
  const at = layOut();
  const setMask = machine.setMask(PAGE + at.data - at.text);
  const block = machine.block(mask);
  const blockAt = aligned(setMask.length);
  return Buffer.concat([
    header(machine.id),
    ...segments(at),
    padded(setMask, blockAt),
    padded(block, TEXT - blockAt),
    ...symbolTable([
      { name: 1, info: GLOBAL_FUNCTION, address: at.text, size: setMask.length },
      { name: STRINGS.indexOf(HOLD), info: GLOBAL_OBJECT, address: PAGE + at.data, size: 4 },
      {
        name: STRINGS.indexOf(BLOCK),
        info: GLOBAL_FUNCTION,
        address: at.text + blockAt,
        size: block.length,
      },
    ]),
    padded(STRINGS, at.hash - at.names),
    // One bucket, whose chain holds all symbols.
    padded(words([1, 4, 1, 0, 2, 3, 0]), at.data - at.hash),
    // The hold itself: set.
    padded(words([1]), at.dynamic - at.data),
    ...dynamicSection(at),
  ]);
}

const STRINGS = Buffer.from(`\0pthread_sigmask\0${HOLD}\0${BLOCK}\0`);

/** Offsets in the file. */
type Layout = ReturnType<typeof layOut>;

function layOut() {
  const text = HEADER + 4 * SEGMENT;
  const symbols = text + TEXT;
  const names = symbols + 4 * SYMBOL;
  const hash = aligned(names + STRINGS.length);
  const data = aligned(hash + 7 * 4);
  const dynamic = data + 8;
  return { text, symbols, names, hash, data, dynamic, end: dynamic + 6 * ENTRY };
}

function segments({ data, dynamic, end }: Layout): Buffer[] {
  return [
    segment({ type: 1, flags: READ | EXECUTE, from: 0, to: data, address: 0 }),
    segment({ type: 1, flags: READ | WRITE, from: data, to: end, address: PAGE + data }),
    segment({ type: 2, flags: READ | WRITE, from: dynamic, to: end, address: PAGE + dynamic }),
    // PT_GNU_STACK: without it the stack would have to become executable.
    segment({ type: 0x6474e551, flags: READ | WRITE, from: 0, to: 0, address: 0 }),
  ];
}

/** The first one is nobody's. */
function symbolTable(symbols: readonly ElfSymbol[]): Buffer[] {
  return [Buffer.alloc(SYMBOL), ...symbols.map(symbol)];
}

function dynamicSection({ hash, names, symbols }: Layout): Buffer[] {
  return [
    [DT.HASH, hash],
    [DT.STRTAB, names],
    [DT.SYMTAB, symbols],
    [DT.STRSZ, STRINGS.length],
    [DT.SYMENT, SYMBOL],
    [DT.NULL, 0],
  ].map(longs);
}
