# SPDX-License-Identifier: MPL-2.0

"""``tecken healthy``, the health check of both roles."""

import os
import time
from pathlib import Path

from click.testing import CliRunner
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.servers import free_ports

from tecken.commands.main import cli
from tecken.web.worker_sign import ALIVE_SECONDS, leave_sign, take_back_sign


def test_a_worker_is_alive_while_it_leaves_signs(tmp_path: Path) -> None:
    [port] = free_ports(1)
    check = ["healthy", "--data-dir", str(tmp_path), "--port", str(port)]
    assert CliRunner().invoke(cli, check).exit_code == 1
    leave_sign(tmp_path)
    assert CliRunner().invoke(cli, check).exit_code == 0
    long_ago = time.time() - ALIVE_SECONDS - 1
    os.utime(tmp_path / "worker.alive", (long_ago, long_ago))
    assert CliRunner().invoke(cli, check).exit_code == 1
    leave_sign(tmp_path)
    take_back_sign(tmp_path)
    assert CliRunner().invoke(cli, check).exit_code == 1


def test_a_server_is_asked_where_no_worker_is(scripted: ScriptedServer, tmp_path: Path) -> None:
    port = scripted.url.rpartition(":")[2]
    check = ["healthy", "--data-dir", str(tmp_path), "--port", port]
    scripted.script += [Answer(200), Answer(500)]
    assert CliRunner().invoke(cli, check).exit_code == 0
    refused = CliRunner().invoke(cli, check)
    assert refused.exit_code == 1
    assert f"port {port} says: 500" in refused.output
    assert {one.path for one in scripted.received} == {"/__lbheartbeat__"}
