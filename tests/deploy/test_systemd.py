# SPDX-License-Identifier: MPL-2.0

"""The units of systemd: how much they may, and that what they start runs."""

import configparser
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from tests.support import servers
from tests.support.fork_server import FORKS
from tests.support.servers import Server, redis_url
from tests.support.started_server import TECKEN, StartedServer, wait_until

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = ["tecken.service", "tecken-worker.service", "tecken-backup.service"]
LARGEST_EXPOSURE = "30"  # in tenths
EMPTY_BACKUP = '{"format": 1, "version": "0.9.0", "made_at": "", "files": [], "buckets": []}'


def service_of(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    parser.read(UNITS / name)
    return parser["Service"]


def settings_of_file() -> dict[str, str]:
    lines = (UNITS / "tecken.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """What ``/var/lib/tecken`` is to a service, with a database that was migrated for all tests."""
    (tmp_path / "var").mkdir(0o700)
    StartedServer(tmp_path / "var").give_database()
    return tmp_path / "var"


def environment(name: str, machine: Path, **more: str) -> dict[str, str]:
    """Return the variables of a unit, as they are on this machine, with what has to be filled in."""
    own = dict(pair.split("=", 1) for pair in shlex.split(service_of(name)["Environment"]))
    settings = {**settings_of_file(), **own, "DJANGO_SECRET_KEY": os.urandom(32).hex(), **more}
    inherited = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    on_this = {key: on_machine(value, machine) for key, value in settings.items()}
    return {**inherited, **on_this}


def on_machine(text: str, machine: Path) -> str:
    return text.replace("/var/lib/tecken", str(machine)).replace(
        "/opt/tecken/bin/tecken", str(TECKEN)
    )


def command_of(name: str, machine: Path) -> list[str]:
    return shlex.split(on_machine(service_of(name)["ExecStart"], machine))


@contextmanager
def started(name: str, machine: Path, **more: str) -> Iterator[Path]:
    """Start what a unit starts; yield the file of its output, and end it as systemd does."""
    log = machine.parent / f"{name}.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command_of(name, machine),
            env=environment(name, machine, **more),
            cwd=machine,
            stdout=file,
            stderr=file,
        )
    try:
        yield log
    finally:
        process.terminate()
        assert process.wait(90) == 0, log.read_text()


def run(
    command: Sequence[str | Path], machine: Path, variables: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run a command with the variables of a unit."""
    printed, told = machine.parent / "printed", machine.parent / "told"
    with printed.open("wb") as out, told.open("wb") as err:
        status = FORKS.start(command, machine, variables, out, err).wait(60)
    return subprocess.CompletedProcess(command, status, printed.read_text(), told.read_text())


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_little(name: str) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={LARGEST_EXPOSURE}",  # noqa: S607
         "--no-pager", UNITS / name],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        text = path.read_text().replace("/opt/tecken/bin/tecken", "/bin/true")
        (tmp_path / path.name).write_text(text)
    units = [*SERVICES, "tecken-backup.timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in units)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line] == []


def test_the_server_and_its_backup_run_as_their_units_say(machine: Path) -> None:
    [port] = servers.free_ports(1)
    unit = {"PORT": str(port), "GUNICORN_WORKERS": "1"}
    with started("tecken.service", machine, **unit) as log:
        wait_until(lambda: "Tecken answers" in log.read_text(), "the server answers")
        answer = requests.get(f"http://127.0.0.1:{port}/__lbheartbeat__", timeout=30)
        assert answer.status_code == 200
        variables = environment("tecken-backup.service", machine)
        saved = run(command_of("tecken-backup.service", machine), machine, variables)
        assert saved.returncode == 0, saved.stderr
        checked = run([TECKEN, "check"], machine, variables)
    assert len(list((machine / "backups").glob("*/database.sqlite3"))) == 1
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_worker_runs_as_its_unit_says(machine: Path, redis_server: Server) -> None:
    redis = redis_url(redis_server, database=910)
    with started("tecken-worker.service", machine, REDIS_URL=redis) as log:
        wait_until(lambda: " ready." in log.read_text(), "the worker is ready")
        variables = environment("tecken-worker.service", machine)
        healthy = [TECKEN, "healthy"]
        alive = run(healthy, machine, variables)
        assert (alive.returncode, alive.stdout != "") == (0, True), alive.stderr
        (machine / "manifest.json").write_text(EMPTY_BACKUP)
        refused = run([TECKEN, "restore", machine], machine, variables)
    assert "which a server, a worker or a backup uses" in refused.stderr
    gone = run(healthy, machine, variables)
    assert gone.returncode == 1
    assert "no worker has left a sign" in gone.stderr
