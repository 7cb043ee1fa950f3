# SPDX-License-Identifier: MPL-2.0

"""The modules of a crash, from lines and from JSON."""

import re
from operator import itemgetter
from typing import Any

import pytest
from tests.support.examples import loaded_module, symbolication_examples

from tecken.client.errors import ClientError
from tecken.client.loaded_modules import LoadedModule, read_modules

EXAMPLES = symbolication_examples()


@pytest.mark.parametrize("example", EXAMPLES["module_lines"], ids=itemgetter("line"))
def test_each_form_of_a_line_is_a_module(example: dict[str, Any]) -> None:
    modules = read_modules(example["line"].encode())
    assert modules == {example["name"]: loaded_module(*example["module"])}


@pytest.mark.parametrize("example", EXAMPLES["unreadable_modules"], ids=itemgetter("reason"))
def test_a_line_that_cannot_be_read_is_named(example: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"^{re.escape(example['reason'])}$"):
        read_modules("\n".join(example["lines"]).encode())


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


@pytest.mark.parametrize("example", EXAMPLES["memory_maps"], ids=itemgetter("json"))
def test_a_memory_map_is_read_as_it_is(example: dict[str, Any]) -> None:
    modules = {name: loaded_module(*module) for name, module in example["modules"].items()}
    assert read_modules(example["json"].encode()) == modules


@pytest.mark.parametrize("example", EXAMPLES["unreadable_memory_maps"], ids=itemgetter("json"))
def test_what_a_memory_map_cannot_have_is_named(example: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=f"^{re.escape(example['reason'])}$"):
        read_modules(example["json"].encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"libfoo.so", "line 1 of the modules is not"),
        (b"\nlibfoo.so 0x10", "line 2 of the modules is not"),
        (b"libfoo.so 1A 0x10 0x20", "line 1 of the modules is not"),
        (b"[[", "no JSON of a memory map"),
        (b'{"modules": []}', "no JSON of a memory map"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        read_modules(content)
