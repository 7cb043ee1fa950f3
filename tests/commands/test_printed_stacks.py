# SPDX-License-Identifier: MPL-2.0

"""Stacks as they are printed; the web app copies them as the same text."""

import json
from typing import Any

import pytest
from tests.support.examples import symbolication_examples

from tecken.client.stack import read_answer
from tecken.commands.printed_stacks import print_jobs


@pytest.mark.parametrize("example", symbolication_examples()["printed"])
def test_stacks_are_printed(example: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_jobs(read_answer(json.dumps(example["answer"]).encode()))
    assert capsys.readouterr().out.splitlines() == example["text"]
