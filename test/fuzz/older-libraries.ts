// The fuzzer's binary asks for glibc 2.38 and for the libstdc++ of GCC 13, for the sake of three functions. Older libraries have
// two of them under other names, and need no call of the third: so in the file its symbols get those names, of no version, and
// the versions that are not there become such as it can do without.

import { readFileSync, writeFileSync } from 'node:fs';

const NEW_VERSIONS: readonly string[] = ['GLIBC_2.38', 'GLIBCXX_3.4.32'];
/** Each of the old names stands in the file for somebody else, or as the end of the new one. */
const OLDER_NAMES: ReadonlyMap<string, string> = new Map([
  ['__isoc23_strtol', 'strtol'],
  ['__isoc23_strtoul', 'strtoul'],
  // It makes std::cout, which Node has made; this one does nothing.
  ['_ZSt21ios_base_library_initv', '__errno_location'],
]);

const SHT = { dynsym: 11, versym: 0x6fffffff, verneed: 0x6ffffffe } as const;
const VER_NDX_GLOBAL = 1;
const VER_FLG_WEAK = 2;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
  /** Of the section that it refers to. */
  readonly link: number;
}

/** elf(5), 64-bit and little-endian. Once that is done the file stays as it is: somebody may be running it. */
export function fitOlderLibraries(path: string): void {
  const before = readFileSync(path);
  const elf = Buffer.from(before);
  const sections = sectionsOf(elf);
  const ofType = (type: number) => sections.find((section) => section.type === type);
  const [symbols, versions, needed] = [ofType(SHT.dynsym), ofType(SHT.versym), ofType(SHT.verneed)];
  const names = sections[symbols?.link ?? -1];
  if (symbols === undefined || versions === undefined || needed === undefined || names === undefined) return;
  const nameAt = (at: number) => elf.toString('latin1', names.offset + at, elf.indexOf(0, names.offset + at));
  for (const entry of versionEntries(elf, needed))
    if (NEW_VERSIONS.includes(nameAt(elf.readUInt32LE(entry + 8))))
      elf.writeUInt16LE(VER_FLG_WEAK, entry + 4);
  for (let index = 0; index * 24 < symbols.size; index += 1) {
    const symbol = symbols.offset + index * 24;
    const older = OLDER_NAMES.get(nameAt(elf.readUInt32LE(symbol)));
    if (older === undefined) continue;
    elf.writeUInt32LE(elf.indexOf(`${older}\0`, names.offset, 'latin1') - names.offset, symbol);
    elf.writeUInt16LE(VER_NDX_GLOBAL, versions.offset + index * 2);
  }
  if (!elf.equals(before)) writeFileSync(path, elf);
}

function sectionsOf(elf: Buffer): Section[] {
  const [offset, count] = [Number(elf.readBigUInt64LE(0x28)), elf.readUInt16LE(0x3c)];
  return Array.from({ length: count }, (_, index) => {
    const at = offset + index * 64;
    return {
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      size: Number(elf.readBigUInt64LE(at + 32)),
      link: elf.readUInt32LE(at + 40),
    };
  });
}

/** Where they are, of all libraries (Elf64_Verneed, Elf64_Vernaux). */
function versionEntries(elf: Buffer, { offset, size }: Section): number[] {
  const found: number[] = [];
  for (let library = offset; library < offset + size; ) {
    let entry = library + elf.readUInt32LE(library + 8);
    for (let left = elf.readUInt16LE(library + 2); left > 0; left -= 1) {
      found.push(entry);
      entry += elf.readUInt32LE(entry + 12);
    }
    const next = elf.readUInt32LE(library + 12);
    if (next === 0) break;
    library += next;
  }
  return found;
}
