# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The modules of a crash, from lines and from JSON."""

import pytest

from tecken.client.errors import ClientError
from tecken.client.loaded_modules import LoadedModule, read_modules


def test_a_line_has_the_debug_file_its_id_and_perhaps_a_base_address() -> None:
    content = b"libfoo.so 1A0D\nGoogle Chrome 44e4\t0x7f12A000\r\n"
    assert read_modules(content) == {
        "libfoo.so": LoadedModule("libfoo.so", "1A0D"),
        "Google Chrome": LoadedModule("Google Chrome", "44e4", 0x7F12A000),
    }


def test_the_text_may_call_a_module_by_another_name() -> None:
    assert read_modules(b"xul.dll -> xul.pdb 44E4 0x10") == {
        "xul.dll": LoadedModule("xul.pdb", "44E4", 0x10)
    }


def test_blank_lines_and_comments_say_nothing() -> None:
    assert read_modules(b"\n  \n# libfoo.so 1A0D\n") == {}


@pytest.mark.parametrize("form", [b"%s", b' {"memoryMap": %s, "stacks": []}'])
def test_a_memory_map_is_read_as_it_is(form: bytes) -> None:
    memory_map = (
        b'[["a.so", "A1"], ["b.so", "B2", 4096], ["c d.pdb", "C3", "0x7f00"], ["a.so", "A1"]]'
    )
    assert read_modules(form % memory_map) == {
        "a.so": LoadedModule("a.so", "A1"),
        "b.so": LoadedModule("b.so", "B2", 4096),
        "c d.pdb": LoadedModule("c d.pdb", "C3", 0x7F00),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"libfoo.so", "line 1 of the modules is not"),
        (b"\nlibfoo.so 0x10", "line 2 of the modules is not"),
        (b"libfoo.so 1A0G", "debug id '1A0G', which is not hexadecimal"),
        (b"libfoo.so 1A 0x10 0x20", "line 1 of the modules is not"),
        (b"libfoo.so 1A 0x1_0", "base address 0x1_0, which is not hexadecimal"),
        (b"a.so A1\na.so A2", "line 2 of the modules is a second 'a.so'"),
        (b"[[", "no JSON of a memory map"),
        (b'{"modules": []}', "no JSON of a memory map"),
        (b'[["a.so"]]', "module 0 is not"),
        (b'[["a.so", "A"], ["b.so", 5]]', "module 1 is not"),
        (b'[["a.so", "A", 1, 2]]', "module 0 is not"),
        (b'[["a.so", "A", "0x"]]', "module 0 has the base address 0x,"),
        (b'[["a.so", "<id>"]]', "module 0 has the debug id '<id>'"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        read_modules(content)
