# SPDX-License-Identifier: MPL-2.0

"""Symbols of PDBs and PE files."""

import builtins
import json
import re
from pathlib import Path

import pytest
from tests.core.native.programs import agrees
from tests.support.native_files import PROGRAM, pdb, pe, portable_pdb
from tests.support.windows_files import ARCHITECTURES, windows_file

from tecken.core.errors import MalformedNativeFileError, NativeFileError, UnsupportedNativeFileError
from tecken.core.native.demangling import windows_name
from tecken.core.native.derive import derive
from tecken.core.native.model import Derived, NativeFiles

X64_ID = "0807CE0AB064D1034C4C44205044422E1"


class Module:
    """Files of a module in a folder, and what is derived from them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.output = folder / "derived.sym"

    def derive(self, *, dll: bytes | None = None, pdb: bytes | None = None) -> Derived:
        paths = {"executable": dll, "debug": pdb}
        for name, data in paths.items():
            if data is not None:
                (self._folder / name).write_bytes(data)
        given = {name: self._folder / name for name, data in paths.items() if data is not None}
        return derive(NativeFiles("sample.pdb", **given, code_file="sample.dll"), self.output)

    @property
    def lines(self) -> list[str]:
        return self.output.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def module(tmp_path: Path) -> Module:
    return Module(tmp_path)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_calls_and_lines_are_those_of_the_symbolizer(module: Module, arch: str) -> None:
    derived = module.derive(
        dll=windows_file(f"{arch}/sample.dll"), pdb=windows_file(f"{arch}/sample.pdb")
    )
    expected = json.loads(windows_file(f"{arch}/expected.json"))
    functions, addresses = agrees(module.output, expected)
    assert functions == derived.functions == 9
    assert addresses > 300
    assert derived.has_lines


def test_the_head_names_the_module_and_its_executable(module: Module) -> None:
    derived = module.derive(dll=windows_file("x64/sample.dll"), pdb=windows_file("x64/sample.pdb"))
    assert (derived.os, derived.arch, derived.debug_id) == ("windows", "x86_64", X64_ID)
    assert module.lines[:2] == [
        f"MODULE windows x86_64 {X64_ID} sample.pdb",
        f"INFO CODE_ID {derived.code_id} sample.dll",
    ]
    assert re.fullmatch(r"[0-9A-F]{8}4000", derived.code_id)


def test_functions_have_types_of_parameters_and_files_their_paths(module: Module) -> None:
    module.derive(pdb=windows_file("x64/sample.pdb"))
    functions = {line.split(" ", 4)[4] for line in module.lines if line.startswith("FUNC ")}
    assert {"sell(int)", "Pair<int>::product() const"} <= functions
    assert any(
        re.fullmatch(r"INLINE_ORIGIN \d+ shop::Till::~Till\(\)", line) for line in module.lines
    )
    assert "FILE 1 /source/first.cc" in module.lines


def test_unwind_records_of_x64_come_from_the_executable(module: Module) -> None:
    assert module.derive(pdb=windows_file("x64/sample.pdb")).unwind_records == 0
    derived = module.derive(dll=windows_file("x64/sample.dll"), pdb=windows_file("x64/sample.pdb"))
    records = [line for line in module.lines if line.startswith("STACK CFI INIT ")]
    assert len(records) == derived.unwind_records == 9
    assert records[0] == (
        "STACK CFI INIT 1000 2a .cfa: $rsp 64 + $rsi: .cfa 16 - ^ $rdi: .cfa 24 - ^ .ra: .cfa 8 - ^"
    )


def test_unwind_records_of_x86_come_from_the_pdb(module: Module) -> None:
    derived = module.derive(pdb=windows_file("x86/sample.pdb"))
    records = [line for line in module.lines if line.startswith("STACK WIN 4 ")]
    assert len(records) == derived.unwind_records > 9
    assert records[0].startswith("STACK WIN 4 1000 ")


def test_an_executable_alone_has_the_names_that_it_exports(module: Module) -> None:
    derived = module.derive(dll=windows_file("x64/sample.dll"))
    assert (derived.functions, derived.publics, derived.lacks) == (0, 2, ("pdb",))
    assert [line for line in module.lines if line.startswith("PUBLIC ")] == [
        "PUBLIC 1000 0 by_lambda",
        "PUBLIC 1030 0 sell",
    ]


def test_files_of_two_builds_are_refused(module: Module) -> None:
    with pytest.raises(MalformedNativeFileError, match="two builds"):
        module.derive(dll=windows_file("x86/sample.dll"), pdb=windows_file("x64/sample.pdb"))


def test_an_elf_file_beside_a_pdb_is_refused(module: Module) -> None:
    with pytest.raises(UnsupportedNativeFileError, match="of Windows, and one is not"):
        module.derive(dll=PROGRAM, pdb=windows_file("x64/sample.pdb"))


def test_no_symbols_are_derived_from_portable_pdbs(module: Module) -> None:
    with pytest.raises(UnsupportedNativeFileError, match="portable PDB"):
        module.derive(pdb=portable_pdb())


def test_an_executable_that_names_no_pdb_is_refused(module: Module) -> None:
    with pytest.raises(MalformedNativeFileError, match="names no PDB"):
        module.derive(dll=pe(has_debug_directory=False))


def test_a_pdb_that_the_library_cannot_read_tells_why(module: Module) -> None:
    with pytest.raises(MalformedNativeFileError, match="it is damaged: "):
        module.derive(pdb=pdb())


def test_without_the_library_it_says_what_is_not_installed(
    module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There is no Python without the extra here: the import fails as it does there.
    real = builtins.__import__

    def without(name: str, *arguments: object, **named: object) -> object:
        if name.partition(".")[0] == "symbolic":
            raise ModuleNotFoundError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnsupportedNativeFileError, match=r"extra .native., which is not installed"):
        module.derive(pdb=windows_file("x64/sample.pdb"))


@pytest.mark.parametrize(
    ("mangled", "name"),
    [
        ("?bar@Foo@@UEAAXHPEAD@Z", "Foo::bar(int, char*)"),
        ("?f@@YAHXZ", "f()"),
        ("??0Foo@@QEAA@XZ", "Foo::Foo()"),
        ("??$add@H@Till@@QEAAHH@Z", "Till::add<int>(int)"),
        ("?g@@YAP6AHH@ZXZ", "int (__cdecl* __cdecl g())(int)"),
        ("?value@@3HA", "int value"),
        ("?", "?"),
        ("plain", "plain"),
        ("a\nFUNC 1 1 0 b", "a?FUNC 1 1 0 b"),
    ],
)
def test_names_of_symbols_are_as_those_of_functions(mangled: str, name: str) -> None:
    assert windows_name(mangled.encode()).decode() == name


def test_every_error_has_a_reason(module: Module) -> None:
    with pytest.raises(NativeFileError) as caught:
        module.derive(pdb=windows_file("x64/sample.pdb")[:5000])
    assert caught.value.reason
