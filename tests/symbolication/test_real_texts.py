# SPDX-License-Identifier: MPL-2.0

"""Real texts by HTTP and by the command.

Those of radosgw, whose symbols take seconds to store, are read in ``tests/core/crash_texts`` alone.
"""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.core.crash_texts.expected import Expected, names
from tests.symbolication.conftest import Store

from tecken.commands.symbolicate import command

pytestmark = [pytest.mark.real_data, pytest.mark.both_forms]
URL = "/symbolicate/text"
LARGE = "radosgw"


def _read(real_data: Path, name: str) -> Expected:
    crashes = real_data / "crashes"
    answer = json.loads((crashes / "expected" / f"{name}.json").read_bytes())
    return Expected((crashes / answer["text"]).read_bytes(), answer)


def _post(text: bytes, expected: Expected, **headers: str) -> bytes:
    form = {"text": SimpleUploadedFile("crash", text), "modules": expected.modules}
    return bytes(Client().post(URL, form, headers=headers).content)


def test_texts_give_their_expected_answers_by_http(symbols: Store, real_data: Path) -> None:
    for path in real_data.glob("symbols/*/*/*.sym.gz"):
        module = [path.parents[1].name, path.parent.name]
        if module[0] != LARGE:
            symbols.upload(module, gzip.decompress(path.read_bytes()))
    found = {}
    for name in names(real_data / "crashes"):
        expected = _read(real_data, name)
        if all(module["debug_file"] != LARGE for module in expected.answer["modules"]):
            answer = json.loads(_post(expected.text, expected, accept="application/json"))
            found[name] = expected.differences(answer, answer["format"] == "apple-sample")
            written = _post(expected.text, expected)
            assert _post(written, expected) == written
    assert {name: differences for name, differences in found.items() if differences} == {}
    assert len(found) > 30


@pytest.mark.parametrize("name", ["windbg-kn-lm", "visual-studio", "windows-event-1000"])
def test_a_text_gives_its_expected_answer_by_the_command(
    tmp_path: Path, real_data: Path, name: str
) -> None:
    expected = _read(real_data, name)
    modules = tmp_path / "modules.txt"
    modules.write_text(expected.modules)
    given = ["--symbols", str(real_data / "symbols"), "--json", "--modules", str(modules)]
    done = CliRunner().invoke(command, given, input=expected.text, env={})
    assert done.exit_code == 0
    assert expected.differences(json.loads(done.stdout)) == []
