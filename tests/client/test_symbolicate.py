# SPDX-License-Identifier: MPL-2.0

"""Requests made of what a person types."""

import json
import re
from operator import itemgetter
from typing import Any

import pytest
from tests.support.examples import symbolication_examples
from tests.support.scripted_server import Answer, ScriptedServer

from tecken.client.errors import ClientError
from tecken.client.server import Server
from tecken.client.symbolicate import build_request, symbolicate

EXAMPLES = symbolication_examples()


def job(modules: list[str], offsets: list[str]) -> dict[str, object]:
    request = json.loads(build_request(modules, offsets))
    (only,) = request["jobs"]
    return dict(only)


@pytest.mark.parametrize("example", EXAMPLES["offsets"])
def test_offsets_are_the_frames_of_one_stack(example: dict[str, Any]) -> None:
    assert job(example["modules"], example["offsets"]) == example["job"]


@pytest.mark.parametrize("example", EXAMPLES["unreadable_offsets"], ids=itemgetter("reason"))
def test_an_offset_that_makes_no_sense_is_told(example: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"^{re.escape(example['reason'])}$"):
        build_request(example["modules"], example["offsets"])


@pytest.mark.parametrize(
    ("modules", "offsets", "message"),
    [
        (["xul.pdb"], ["0x1"], "module 'xul.pdb' is not <debug file>/<debug id>"),
        (["a/A"], ["b2e3f7"], "offset 'b2e3f7' is not 0x"),
        (["a/A"], ["\u0661"], "is not 0x"),
    ],
)
def test_what_makes_no_sense_is_told(modules: list[str], offsets: list[str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        build_request(modules, offsets)


def test_the_request_is_sent_as_it_is(scripted: ScriptedServer) -> None:
    scripted.script = [Answer(200, b'{"results": []}')]
    with Server(scripted.url) as server:
        assert symbolicate(server, b'{"jobs": [1.00000]}') == b'{"results": []}'
    (received,) = scripted.received
    assert (received.path, received.body) == ("/symbolicate/v5", b'{"jobs": [1.00000]}')
