# SPDX-License-Identifier: MPL-2.0

"""Several nodes, or several worker processes of one: each uses at once what another has stored."""

import signal
from pathlib import Path

from tests.support.started_server import StartedServer
from tests.support.versioned_load import FULL_LOAD, Load

UPLOADS, LOOKUPS = (200, 2_000) if FULL_LOAD else (20, 150)


def assert_all_right(load: Load, uploads: int, lookups: int) -> None:
    print(f"{dict(load.counts)}, {load.ledger.checked} answers of files checked")  # noqa: T201
    assert load.failures == []
    assert load.ledger.wrong == []
    assert load.counts["upload"] == uploads
    assert load.counts["symbolicate"] + load.counts["download"] == lookups
    assert load.ledger.checked >= lookups


def assert_no_faults(node: StartedServer) -> None:
    assert "Traceback" not in node.log(), node.log()[-3000:]


def test_every_answer_of_two_nodes_is_of_the_current_version(nodes: list[StartedServer]) -> None:
    load = Load(nodes, nodes[0].token("upload_symbols"))
    load.run(UPLOADS, LOOKUPS)
    assert_all_right(load, UPLOADS, LOOKUPS)
    for node in nodes:
        assert_no_faults(node)


def test_every_answer_of_many_processes_is_of_the_current_version(tmp_path: Path) -> None:
    node = StartedServer(tmp_path / "node")
    node.begin("--workers", "3")
    try:
        load = Load([node], node.token("upload_symbols"))
        load.run(UPLOADS, LOOKUPS)
        assert_all_right(load, UPLOADS, LOOKUPS)
        assert_no_faults(node)
    finally:
        node.stop(signal.SIGKILL)
