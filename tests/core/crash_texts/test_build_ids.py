# SPDX-License-Identifier: MPL-2.0

"""Build ids that stand in a text, or beside it, go along with the modules that are looked up."""

import pytest

from tecken.core.crash_texts.naming import jobs_of
from tecken.core.crash_texts.reader import read_crash_text

BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567"
MODULE = ("libfoo.so", "5A1C3F2B9D8E47606B1FA2C4D5E6F7890")
TEXT = " 1  libfoo.so + 0x1234\n"


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        (f"    #0 0x55 (/opt/libfoo.so+0x1234) (BuildId: {BUILD_ID})\n", ""),
        (f"#00 pc 0000000000001234  /opt/libfoo.so (f+4) (BuildId: {BUILD_ID})\n", ""),
        (TEXT, f"libfoo.so {BUILD_ID}\n"),
        (TEXT, f'[["libfoo.so", "{BUILD_ID}"]]'),
        (TEXT, f'[["libfoo.so", "{MODULE[1]}", "{BUILD_ID}"]]'),
        (
            f'{{"memoryMap": [["libfoo.so", "{MODULE[1]}", "{BUILD_ID}"]], "stacks": [[[0, 4660]]]}}',
            "",
        ),
    ],
)
def test_a_build_id_goes_along(text: str, modules: str) -> None:
    [job] = jobs_of(read_crash_text(text, modules))
    assert job.code_ids == {MODULE: BUILD_ID}
