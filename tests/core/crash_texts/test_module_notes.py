# SPDX-License-Identifier: MPL-2.0

"""Lines at the end of a text, of modules without symbols: written, and left out when it is read again."""

import pytest

from tecken.core.crash_texts.model import CrashText, Module
from tecken.core.crash_texts.module_notes import with_notes, without_notes
from tecken.core.crash_texts.naming import NamedCrash
from tecken.core.symbolicate import ModuleError, ModuleSymbols


def named(*names: str, error: str = "pending", message: str = "wait") -> NamedCrash:
    crash = CrashText(None, None, modules=[Module(name, name, "ID") for name in names])
    symbols = ModuleSymbols(error=ModuleError(error, message))
    return NamedCrash(crash, found={(name, "ID"): symbols for name in names})


@pytest.mark.parametrize("text", ["a\nb", "a\nb\n", "a\r\nb\r\n", "a", "", "\n\n"])
def test_they_are_left_out_again(text: str) -> None:
    written = "\n".join(with_notes(text.split("\n"), named("one", "two")))
    assert written.count("# tecken: no symbols for ") == 2
    assert written.endswith("\n") == text.endswith("\n")
    assert without_notes(written) == text


def test_a_module_that_nobody_has_has_none() -> None:
    assert with_notes(["a"], named("one", error="not_found")) == ["a"]


def test_one_stands_in_one_line_whatever_a_name_or_a_reason_has() -> None:
    lines = with_notes(["a"], named("li\nb\x1b\udcff", message="x\r\ny"))
    assert lines == ["a", "# tecken: no symbols for li?b?\udcff/ID: x??y"]


def test_only_those_at_the_end_are_left_out() -> None:
    text = "# tecken: first\nframe\n# tecken: last\n# no\n"
    assert without_notes(text) == text
