# SPDX-License-Identifier: MPL-2.0

"""The table of dialects: which file each URL asks for, and where that may lie. The URLs are those that clients send."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tecken.core.dialects.keys import breakpad_ids, keys_of
from tecken.core.dialects.requests import PATHS, Asked, Dialect, Wanted, read_path, read_store_path

BUILD_ID = "c6be8361e29a54ceecfa6fca10f44c9c51011ab4"
NATIVE = f".native/c6/{BUILD_ID[2:]}"
GUID = "44e4ec8c2f41492b9369d6b9a059577c"
OF_GUID = f".native/44/{GUID[2:]}"
UUID = "497b72f6390a44fc878e5a2d63b6cc4b"
OF_UUID = f".native/49/{UUID[2:]}"
SHORT = "0123456789abcdef"  # as lld's --build-id=fast
NOTHING = Wanted.NOTHING


def asked_for(url: str) -> Asked | None:
    """Route a URL as the server does: by the table, then as a key of a store."""
    path = unquote(url).removeprefix("/")
    if re.fullmatch(PATHS, path):
        return read_path(path)
    match = re.fullmatch(r"(?s)([^/]+)/([0-9A-Fa-f]+)/([^/]+)", path)
    return read_store_path(*match.groups()) if match else None


def keys_for(url: str) -> list[str]:
    asked = asked_for(url)
    return [str(key) for key in keys_of(asked)] if asked else []


@pytest.mark.parametrize(
    ("url", "first_key"),
    [
        # gdb, debuginfod-find, eu-addr2line, lldb, llvm-symbolizer
        (f"/buildid/{BUILD_ID}/debuginfo", f"{NATIVE}/debuginfo"),
        (f"/buildid/{BUILD_ID}/executable", f"{NATIVE}/executable"),
        (f"/buildid/{BUILD_ID.upper()}/debuginfo", f"{NATIVE}/debuginfo"),
        (f"/BuildID/{BUILD_ID}/DebugInfo", f"{NATIVE}/debuginfo"),
        (f"/buildid/{SHORT}/debuginfo", ".native/01/23456789abcdef/debuginfo"),
        (f"/buildid/{BUILD_ID}/source/usr/src/a.c", f"{NATIVE}/sourcebundle"),
        (f"/buildid/{BUILD_ID}/source//usr/src/a%2B.c", f"{NATIVE}/sourcebundle"),
        # symsrv: a PDB by GUID and age, an executable by timestamp and size
        (f"/xul.pdb/{GUID.upper()}2/xul.pdb", f"xul.pdb/{GUID.upper()}2/xul.pdb"),
        ("/xul.dll/5CF2591C6859000/xul.dll", "xul.dll/5CF2591C6859000/xul.dll"),
        ("/xul.dll/5cf2591c6859000/xul.dll", "xul.dll/5CF2591C6859000/xul.dll"),
        (f"/xul.pdb/{GUID.upper()}2/xul.pd_", f"xul.pdb/{GUID.upper()}2/xul.pd_"),
        ("/xul.dll/5CF2591C6859000/xul.dl_", "xul.dll/5CF2591C6859000/xul.dl_"),
        ("/app.exe/5CF2591C6859000/app.ex_", "app.exe/5CF2591C6859000/app.ex_"),
        # dotnet-symbol: in lower case; portable PDBs have FFFFFFFF for an age
        (f"/app.pdb/{GUID}FFFFFFFF/app.pdb", f"app.pdb/{GUID.upper()}FFFFFFFF/app.pdb"),
        (f"/libcoreclr.so/elf-buildid-{BUILD_ID}/libcoreclr.so", f"{NATIVE}/executable"),
        (f"/_.debug/elf-buildid-sym-{BUILD_ID}/_.debug", f"{NATIVE}/debuginfo"),
        (f"/_.debug/elf-buildid-sym-{BUILD_ID.upper()}/_.debug", f"{NATIVE}/debuginfo"),
        (f"/libcoreclr.dylib/mach-uuid-{UUID}/libcoreclr.dylib", f"{OF_UUID}/executable"),
        (f"/_.dwarf/mach-uuid-sym-{UUID}/_.dwarf", f"{OF_UUID}/debuginfo"),
        (f"/_.dwarf/mach-uuid-sym-{UUID.upper()}/_.dwarf", f"{OF_UUID}/debuginfo"),
        (f"/_.dwarf/mach-uuid-sym-{UUID}00000000/_.dwarf", f"{OF_UUID}/debuginfo"),
        # Sentry's unified layout, and the layouts of gdb and lldb
        (f"/unified/c6/{BUILD_ID[2:]}/debuginfo", f"{NATIVE}/debuginfo"),
        (f"/unified/c6/{BUILD_ID[2:]}/executable", f"{NATIVE}/executable"),
        (f"/unified/c6/{BUILD_ID[2:]}/sourcebundle", f"{NATIVE}/sourcebundle"),
        (f"/unified/44/{GUID[2:]}2/debuginfo", f"{OF_GUID}2/debuginfo"),
        (f"/gdb/c6/{BUILD_ID[2:]}.debug", f"{NATIVE}/debuginfo"),
        (f"/gdb/c6/{BUILD_ID[2:]}", f"{NATIVE}/executable"),
        ("/lldb/497B/72F6/390A/44FC/878E/5A2D63B6CC4B", f"{OF_UUID}/debuginfo"),
        ("/lldb/497B/72F6/390A/44FC/878E/5A2D63B6CC4B.app", f"{OF_UUID}/executable"),
    ],
)  # fmt: skip
def test_a_url_of_a_dialect_asks_for_a_key(url: str, first_key: str) -> None:
    assert keys_for(url)[0] == first_key


def test_the_age_of_a_pdb_is_hexadecimal_and_then_decimal() -> None:
    # lldb's symstore plug-in writes an age of 0x1F as 31.
    url = f"/xul.pdb/{GUID.upper()}31/xul.pdb"
    assert keys_for(url) == [
        f"xul.pdb/{GUID.upper()}31/xul.pdb",
        f"xul.pdb/{GUID.upper()}1F/xul.pdb",
        f"{OF_GUID}31/debuginfo",
        f"{OF_GUID}1f/debuginfo",
        f"{OF_GUID}31/debuginfo.alias",
        f"{OF_GUID}1f/debuginfo.alias",
    ]
    assert len(keys_for(f"/xul.pdb/{GUID}9/xul.pdb")) == 3


def test_a_name_is_looked_for_as_it_is_and_in_lower_case() -> None:
    keys = keys_for(f"/XUL.pdb/{GUID}2/Xul.PDB")
    assert keys[:2] == [f"XUL.pdb/{GUID.upper()}2/Xul.PDB", f"xul.pdb/{GUID.upper()}2/xul.pdb"]
    assert keys[2] == f"{OF_GUID}2/debuginfo"


def test_an_id_that_is_filled_up_with_zeros_is_looked_for_without_them() -> None:
    url = f"/app/elf-buildid-{SHORT}{'0' * 24}/app"
    assert f".native/01/{SHORT[2:]}/executable" in keys_for(url)
    md5 = "9f86d081884c7d659a2feaa0c55ad015"
    assert keys_for(f"/app/elf-buildid-{md5}00000000/app")[1] == f".native/9f/{md5[2:]}/executable"
    # One that itself ends in a zero byte comes first as it is.
    whole = BUILD_ID[:-2] + "00"
    assert keys_for(f"/app/elf-buildid-{whole}/app")[0] == f".native/c6/{whole[2:]}/executable"


def test_other_ids_of_a_module_are_told_by_aliases() -> None:
    # The debug id of an ELF file has 16 bytes of the build id; that of a Mach-O file is its UUID.
    swapped = "6183BEC69AE2CE54ECFA6FCA10F44C9C0"
    alias = f".native/61/{swapped[2:].lower()}/executable.alias"
    assert alias in keys_for(f"/app/{swapped}/app")
    assert f"{OF_UUID}/executable" in keys_for(f"/app/{UUID}0/app")
    assert alias.replace("executable", "debuginfo") in keys_for(f"/app/{swapped}/app.debug")
    by_name = ".native/5c/f2591c6859000/names/xul.dll"
    assert by_name in keys_for("/XUL.dll/5CF2591C6859000/XUL.dll")
    assert f"{NATIVE}/sourcebundle.alias" in keys_for(f"/buildid/{BUILD_ID}/source/a.c")


def test_a_symbol_file_is_asked_for_by_the_ids_of_its_module() -> None:
    asked = read_path(f"unified/c6/{BUILD_ID[2:]}/breakpad")
    assert "6183BEC69AE2CE54ECFA6FCA10F44C9C0" in breakpad_ids(asked)
    assert f"{UUID.upper()}0" in breakpad_ids(read_path(f"unified/49/{UUID[2:]}/breakpad"))
    assert f"{GUID.upper()}1F" in breakpad_ids(read_path(f"unified/44/{GUID[2:]}1f/breakpad"))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("source/usr/include/stdio.h", "/usr/include/stdio.h"),
        ("source/zoo//../bar/./foo.c", "/bar/foo.c"),
        ("source/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"),
        ("source/C%3A%5Csrc%5Ca.c", "/C:/src/a.c"),
        ("source//build/a%2520b.c", "/build/a%20b.c"),
        ("section/.debug_info", ".debug_info"),
        ("section/.text.unlikely", ".text.unlikely"),
        ("section/a/b", "a/b"),
    ],
)
def test_sources_and_sections_are_named(sent: str, name: str) -> None:
    asked = asked_for(f"/buildid/{BUILD_ID}/{sent}")
    assert asked is not None
    assert asked.name == name


@pytest.mark.parametrize(
    "url",
    [
        # of file stores: pointers, two-tier paths, and what administers them
        f"/xul.pdb/{GUID}2/file.ptr",
        "/xul.dll/5CF2591C6859000/FILE.PTR",
        "/index2.txt",
        "/pingme.txt",
        "/000Admin/history.txt",
        "/000admin",
        f"/nt/ntdll.pdb/{GUID}2/ntdll.pdb",
        # ids that say that there is none
        f"/xul.pdb/{'0' * 33}/xul.pdb",
        "/xul.dll/0/xul.dll",
        # other keys of SSQP
        "/app.pdb/sha1-497b72f6390a44fc878e5a2d63b6cc4b0c2d9984/app.pdb",
        f"/libcoreclr.so/elf-buildid-coreclr-{BUILD_ID}/libmscordaccore.so",
        f"/one.so/elf-buildid-{BUILD_ID}/other.so",
        f"/one.dylib/mach-uuid-{UUID}/other.dylib",
        # what is below the prefixes, and nothing
        "/buildid/",
        "/buildid/xyz/debuginfo",
        "/buildid/ab/debuginfo",
        f"/buildid/{'a' * 200}/debuginfo",
        f"/buildid/{BUILD_ID}",
        f"/buildid/{BUILD_ID}/debuginfo/",
        f"/buildid/{BUILD_ID}/source",
        f"/buildid/{BUILD_ID}/source/",
        f"/buildid/{BUILD_ID}/section/",
        f"/buildid/{BUILD_ID}/coredump",
        "/buildid/../../etc/passwd",
        "/buildid/..%2f..%2fetc%2fpasswd",
        "/buildid/%00/debuginfo",
        "/buildid/a\nb/debuginfo",
        "/buildid/" + "a/" * 5000,
        "/buildid/" + "%20" * 3000,
        f"/unified/c6/{BUILD_ID[2:]}/proguard",
        "/unified/../.native/c6/debuginfo",
        "/lldb/497B/72F6",
        "/lldb/497B/72F6/390A/44FC/878E/5A2D63B6CC4B.dSYM",
        "/_.dwarf/mach-uuid-sym-497b72f6/_.dwarf",
    ],
)  # fmt: skip
def test_what_nobody_has_asks_for_nothing(url: str) -> None:
    asked = asked_for(url)
    assert asked is not None
    assert (asked.wanted, keys_of(asked)) == (NOTHING, ())


@pytest.mark.parametrize(
    "url",
    [
        f"/xul.pdb/{GUID}2/xul.sym",
        f"/xul.sym/{GUID}2/xul.sym",
        f"/libfoo.so/{GUID}0/libfoo.so.sym",
        f"/gdb/{GUID}0/gdb.sym",  # the debugger itself
        f"/libfoo.so/{GUID}0/libfoo.so.dbg.gz",
        "/symbolication",
        "/api/uploads/files/",
        "/help",
        "/uploads/upload/12",
    ],
)
def test_other_urls_are_of_no_dialect(url: str) -> None:
    assert asked_for(url) is None


def test_metadata_is_debuginfods() -> None:
    assert asked_for("/metadata") == Asked(Dialect.DEBUGINFOD, Wanted.METADATA)


_PARTS = st.one_of(
    st.text(min_size=1, max_size=50),
    st.sampled_from(
        ["buildid", "unified", "gdb", "lldb", "..", ".", "", "source", "section", "debuginfo", BUILD_ID,
         f"elf-buildid-{BUILD_ID}", f"mach-uuid-{UUID}", "_.debug", "c6", BUILD_ID[2:], "a" * 10_000, ".native"]
    ),
)  # fmt: skip


@given(st.lists(_PARTS, min_size=1, max_size=8).map("/".join))
def test_whatever_is_asked_for_keys_lead_to_files_of_stores_only(path: str) -> None:
    asked = read_path(path)
    parts = path.split("/")
    stored = read_store_path(*parts) if len(parts) == 3 else None
    for one in filter(None, [asked, stored]):
        for key in map(str, keys_of(one)):
            assert ".." not in key.split("/")
            assert len(key.split("/")) in ({4, 5} if key.startswith(".native/") else {3})


def test_a_module_may_be_called_lldb() -> None:
    assert not re.fullmatch(PATHS, "lldb/497B72F6390A44FC878E5A2D63B6CC4B0/lldb.sym")
