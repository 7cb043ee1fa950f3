# SPDX-License-Identifier: MPL-2.0

"""Real texts by HTTP and by the command; all of them are read in ``tests/core/crash_texts``."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from tests.core.crash_texts.expected import Expected
from tests.symbolication.conftest import Store

from tecken.commands.symbolicate import command

pytestmark = pytest.mark.real_data
MODULE = ["qipcap64.pdb", "293A285ED25871934C4C44205044422E1"]  # a small one


def _read(real_data: Path, name: str) -> Expected:
    crashes = real_data / "crashes"
    answer = json.loads((crashes / "expected" / f"{name}.json").read_bytes())
    return Expected((crashes / answer["text"]).read_bytes(), answer)


@pytest.mark.parametrize("name", ["windbg-kn-lm", "visual-studio", "windows-event-1000"])
def test_a_text_gives_its_expected_answer(symbols: Store, real_data: Path, name: str) -> None:
    expected = _read(real_data, name)
    folder = real_data / "symbols"
    symbols.upload(
        MODULE, gzip.decompress((folder.joinpath(*MODULE) / "qipcap64.sym.gz").read_bytes())
    )
    form = {"text": expected.text.decode("latin-1"), "modules": expected.modules}
    by_http = Client().post("/symbolicate/text", form, headers={"accept": "application/json"})
    assert expected.differences(json.loads(by_http.content)) == []

    given = ["--symbols", str(folder), "--json", "-"]
    with_modules = symbols.first.bucket.folder / "modules.txt"
    with_modules.write_text(expected.modules)
    by_command = CliRunner().invoke(
        command, [*given, "--modules", str(with_modules)], input=expected.text, env={}
    )
    assert by_command.exit_code == 0
    assert expected.differences(json.loads(by_command.stdout)) == []
