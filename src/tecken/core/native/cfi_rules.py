# SPDX-License-Identifier: MPL-2.0

"""Turn the instructions of call frame information into the rules of STACK CFI records.

Source: DWARF 5, section 6.4; Breakpad docs/symbol_files.md, "STACK CFI records". What needs a DWARF
expression has no rule, as in what ``dump_syms`` writes.
"""

from dataclasses import dataclass
from typing import Final

from tecken.core.errors import MalformedNativeFileError
from tecken.core.native.dwarf.leb import read_signed, read_unsigned

_X86_64: Final = (
    "$rax $rdx $rcx $rbx $rsi $rdi $rbp $rsp $r8 $r9 $r10 $r11 $r12 $r13 $r14 $r15 $rip"
)
_X86: Final = "$eax $ecx $edx $ebx $esp $ebp $esi $edi $eip"
_ARM: Final = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr pc"
REGISTERS: Final = {
    "x86_64": _X86_64.split(),
    "x86": _X86.split(),
    "arm": _ARM.split(),
    "arm64": [*(f"x{number}" for number in range(31)), "sp", "pc"],
}
_MAX_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Frames:
    """What the entries of one kind have in common (a CIE): alignments, registers, and what comes first."""

    code_step: int
    data_step: int
    return_register: int
    registers: list[str]
    initial: bytes
    address_size: int

    def name_of(self, register: int) -> str | None:
        """Return the name of a register, None where no rule can be given for it."""
        if register == self.return_register:
            return ".ra"
        return self.registers[register] if register < len(self.registers) else None


class RuleReader:
    """Runs the instructions of one function; ``records`` are (offset in the code, rules that are new there)."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._rules: dict[str, str] = {}
        self._cfa = 0, 0  # register, offset
        self.records: list[tuple[int, str]] = []
        self._offset = 0
        self._told: dict[str, str] = {}
        self._remembered: list[tuple[dict[str, str], tuple[int, int]]] = []
        self._initial: dict[str, str] = {}
        self._run(frames.initial)
        if frames.return_register < len(frames.registers):
            # An ordinary register has the return address of Arm's functions at first, without a rule.
            self._rules.setdefault(".ra", frames.registers[frames.return_register])
        self._initial = dict(self._rules)

    def read(self, instructions: bytes) -> list[tuple[int, str]]:
        """Return the records of a function. Raises NativeFileError and IndexError."""
        self._run(instructions)
        self._tell()
        return self.records

    def _tell(self) -> None:
        """Note what rules are new since the last record."""
        rules = self._rules
        if self.records and rules == self._told:
            return
        new = [f"{name}: {rule}" for name, rule in rules.items() if self._told.get(name) != rule]
        # What was saved and is no more has its value again.
        new += [f"{name}: {name}" for name in self._told if name not in rules and name[0] != "."]
        if new:
            self.records.append((self._offset, " ".join(new)))
        self._told = dict(rules)

    def _advance(self, steps: int) -> None:
        self._tell()
        self._offset += steps * self._frames.code_step

    def _run(self, code: bytes) -> None:
        position = 0
        while position < len(code):
            opcode = code[position]
            position += 1
            high, low = opcode & 0xC0, opcode & 0x3F
            if high == 0x40:
                self._advance(low)
            elif high == 0x80:
                offset, position = read_unsigned(code, position)
                self._save(low, offset * self._frames.data_step)
            elif high == 0xC0:
                self._restore(low)
            elif opcode in _SIMPLE:
                position = self._run_simple(opcode, code, position)
            else:
                position = self._run_other(opcode, code, position)

    def _run_simple(self, opcode: int, code: bytes, position: int) -> int:
        """Run what moves on, or says where the frame begins."""
        if opcode in _ADVANCES:
            size = _ADVANCES[opcode]
            self._advance(int.from_bytes(code[position : position + size], "little"))
            return position + size
        if opcode in {0x0C, 0x12}:  # def_cfa, def_cfa_sf
            register, position = read_unsigned(code, position)
            offset, position = self._offset_at(opcode == 0x12, code, position)
            self._define(register, offset)
        elif opcode == 0x0D:  # def_cfa_register
            register, position = read_unsigned(code, position)
            self._define(register, self._cfa[1])
        elif opcode in {0x0E, 0x13}:  # def_cfa_offset, def_cfa_offset_sf
            offset, position = self._offset_at(opcode == 0x13, code, position)
            self._define(self._cfa[0], offset)
        elif opcode == 0x0A:  # remember_state
            if len(self._remembered) >= _MAX_REMEMBERED:
                raise MalformedNativeFileError("unwind information remembers too many states")
            self._remembered.append((dict(self._rules), self._cfa))
        elif opcode == 0x0B and self._remembered:  # restore_state
            self._rules, self._cfa = self._remembered.pop()
        return position

    def _offset_at(self, factored: bool, code: bytes, position: int) -> tuple[int, int]:
        if factored:
            offset, position = read_signed(code, position)
            return offset * self._frames.data_step, position
        return read_unsigned(code, position)

    def _run_other(self, opcode: int, code: bytes, position: int) -> int:
        """Run what says where a register is, or pass over it."""
        if opcode == 0x01:  # set_loc; never seen, as functions are shorter
            return position + self._frames.address_size
        if opcode in {0x0F, 0x10, 0x16}:  # expressions: of the frame, of a register, of its value
            register = None
            if opcode != 0x0F:
                register, position = read_unsigned(code, position)
            size, position = read_unsigned(code, position)
            self._forget(register)
            return position + size
        if opcode == 0x2E:  # GNU_args_size
            return read_unsigned(code, position)[1]
        register, position = read_unsigned(code, position)
        if opcode in {0x05, 0x11, 0x14, 0x15}:  # offset_extended and _sf, val_offset and _sf
            offset, position = (read_signed if opcode in {0x11, 0x15} else read_unsigned)(
                code, position
            )
            self._save(register, offset * self._frames.data_step, by_value=opcode >= 0x14)
        elif opcode == 0x06:
            self._restore(register)
        elif opcode in {0x07, 0x08}:  # undefined, same_value
            self._forget(register)
        elif opcode == 0x09:  # register
            other, position = read_unsigned(code, position)
            self._set(register, self._frames.name_of(other))
        elif opcode == 0x2F:  # GNU_negative_offset_extended
            offset, position = read_unsigned(code, position)
            self._save(register, -offset * self._frames.data_step)
        else:
            raise MalformedNativeFileError(f"unwind information has instruction {opcode:#x}")
        return position

    def _define(self, register: int, offset: int) -> None:
        self._cfa = register, offset
        registers = self._frames.registers
        if register < len(registers):
            self._rules[".cfa"] = f"{registers[register]} {offset} +"

    def _save(self, register: int, offset: int, *, by_value: bool = False) -> None:
        self._set(register, f".cfa {offset} +" if by_value else f".cfa {offset} + ^")

    def _set(self, register: int, rule: str | None) -> None:
        name = self._frames.name_of(register)
        if name and rule:
            self._rules[name] = rule

    def _forget(self, register: int | None) -> None:
        name = ".cfa" if register is None else self._frames.name_of(register)
        if name:
            self._rules.pop(name, None)

    def _restore(self, register: int) -> None:
        name = self._frames.name_of(register)
        if name in self._initial:
            self._rules[name] = self._initial[name]
        else:
            self._forget(register)


_ADVANCES: Final = {0x02: 1, 0x03: 2, 0x04: 4}
# Instructions without operands that matter: nop, and Arm's and SPARC's change of the return address.
_NOTHING: Final = frozenset({0x00, 0x2D})
_SIMPLE: Final = {*_ADVANCES, *_NOTHING, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x12, 0x13}
