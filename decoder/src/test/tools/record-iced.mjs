// Records what iced-x86 says of the instructions of a file whose lines are mode, address, bytes and text.
// usage: npm install iced-x86@1.21.0; node record-iced.mjs < objdump-sample.txt > iced-facts.txt
// A line: mode, bytes, accesses of the operands, general registers read, written (16 bits each), flags read, written,
// undefined (bits as in RFLAGS), memory (r, w, c for writes that need not be), flow, privileged, bytes the stack pointer moves by.
import {createRequire} from 'module';
import fs from 'fs';
const {Decoder, DecoderOptions, InstructionInfoFactory, OpAccess, FlowControl, Register, Code, RegisterExt} =
    createRequire(import.meta.url)('iced-x86');
const factory = new InstructionInfoFactory();
const letters = ['-', 'r', 'r', 'w', 'c', 'rw', 'rc', 'a'];
const bits = [[1, 0x800], [2, 0x80], [4, 0x40], [8, 0x10], [16, 1], [32, 4], [64, 0x400], [128, 0x200], [256, 0x40000]];
const flags = set => bits.reduce((s, [theirs, ours]) => set & theirs ? s | ours : s, 0).toString(16);
const reads = a => [OpAccess.Read, OpAccess.CondRead, OpAccess.ReadWrite, OpAccess.ReadCondWrite].includes(a);
const writes = a => [OpAccess.Write, OpAccess.CondWrite, OpAccess.ReadWrite, OpAccess.ReadCondWrite].includes(a);
const cond = a => a === OpAccess.CondWrite || a === OpAccess.ReadCondWrite;
for (const line of fs.readFileSync(0, 'latin1').split('\n')) {
  if (!line) continue;
  const [mode, , hex] = line.split('\t');
  const bytes = Buffer.from(hex, 'hex');
  const i = new Decoder(+mode, bytes, DecoderOptions.MPX).decode();
  if (i.code === Code.INVALID || i.length !== bytes.length) continue;
  const info = factory.info(i);
  const ops = [0, 1, 2, 3, 4].slice(0, i.opCount).map(k => letters[info['op' + k + 'Access']]).join(',') || '.';
  let r = 0, w = 0;
  for (const u of info.usedRegisters()) {
    if (!RegisterExt.isGPR(u.register)) continue;
    const n = RegisterExt.number(RegisterExt.fullRegister(u.register));
    if (reads(u.access)) r |= 1 << n;
    if (writes(u.access)) w |= 1 << n;
  }
  let m = new Set();
  for (const u of info.usedMemory()) {
    if (reads(u.access)) m.add('r');
    if (writes(u.access)) m.add(cond(u.access) ? 'c' : 'w');
  }
  console.log([mode, hex, ops, r.toString(16), w.toString(16), flags(i.rflagsRead), flags(i.rflagsWritten | i.rflagsCleared | i.rflagsSet),
    flags(i.rflagsUndefined), [...m].sort().join('') || '.', FlowControl[i.flowControl], i.isPrivileged ? 'kernel' : 'user',
    i.stackPointerIncrement].join('\t'));
}
