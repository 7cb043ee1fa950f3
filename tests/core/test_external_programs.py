# SPDX-License-Identifier: MPL-2.0

"""Running real programs: Python scripts, and those of the system."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from tecken.core.errors import ProgramError, ProgramNotRunError, ProgramStoppedError
from tecken.core.external_programs.running import ProgramLimits, find_program, run_program

LIMITS = ProgramLimits(seconds=20, output_bytes=1_000_000)
BOUNDED = replace(LIMITS, memory_bytes=256 * 1024 * 1024)


def run(script: str, limits: ProgramLimits = LIMITS) -> bytes:
    output = BytesIO()
    run_program([sys.executable, "-c", script], output, limits)
    return output.getvalue()


def failure(script: str, limits: ProgramLimits = LIMITS) -> str:
    with pytest.raises(ProgramError) as caught:
        run(script, limits)
    return caught.value.reason


def test_the_output_is_written() -> None:
    assert run("print('x' * 999_000)") == b"x" * 999_000 + b"\n"


def test_what_it_says_besides_is_in_nobodys_way() -> None:
    assert run("import sys; sys.stderr.write('warning\\n' * 100_000); print(1)") == b"1\n"


def test_a_program_that_fails_has_said_why_in_its_last_line() -> None:
    assert failure("import sys; sys.exit('first\\nno such stream')") == (
        "failed with status 1: no such stream"
    )
    assert failure("import sys; sys.exit(3)") == "failed with status 3: no reason"


def test_a_program_that_dies_has_failed() -> None:
    assert failure("import os; os.kill(os.getpid(), 9)").startswith("failed with status -9")


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(60)",
        "while True: print(1, flush=True)",
        "import os, time; os.close(1); os.close(2); time.sleep(60)",
        "import os, time; os.fork() or time.sleep(60)",
    ],
    ids=["silent", "talks", "closes its output", "leaves a child"],
)
def test_a_program_that_takes_too_long_is_ended(script: str) -> None:
    started = time.monotonic()
    limits = ProgramLimits(seconds=0.5, output_bytes=1 << 40)
    assert failure(script, limits) == "was not done after 0.5 s"
    assert time.monotonic() - started < 15


def test_what_it_started_is_ended_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"import os, time\nif not os.fork(): time.sleep(2); open({str(mark)!r}, 'w')\n"
    failure(f"{script}time.sleep(60)", ProgramLimits(seconds=0.5, output_bytes=1))
    time.sleep(2.5)
    assert not mark.exists()


def test_too_much_output_is_not_written() -> None:
    output = BytesIO()
    command = [sys.executable, "-c", "while True: print('x' * 1000)"]
    with pytest.raises(ProgramError, match="wrote more than 1000000 bytes"):
        run_program(command, output, LIMITS)
    assert len(output.getvalue()) <= 1_000_000


def test_it_is_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    assert b"hunter2" not in run("import os; print(os.environ)")


def test_a_program_that_is_not_installed_is_named(tmp_path: Path) -> None:
    for program in ("no-such-program", str(tmp_path / "no-such-program")):
        with pytest.raises(ProgramNotRunError, match="no-such-program is not installed"):
            find_program(program)


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\0\1\2")
    broken.chmod(0o755)
    with pytest.raises(ProgramNotRunError, match="broken cannot be started: Exec format error"):
        run_program([str(broken)], BytesIO(), LIMITS)


def test_a_program_has_only_so_much_memory_and_writes_no_files(tmp_path: Path) -> None:
    assert run("print(len(bytes(50_000_000)))", BOUNDED) == b"50000000\n"
    assert failure("bytes(300_000_000)", BOUNDED) == "failed with status 1: MemoryError"
    mark = tmp_path / "mark"
    assert "failed with status" in failure(
        f"file = open({str(mark)!r}, 'w'); file.write('x'); file.flush()", BOUNDED
    )
    assert not mark.read_bytes()


def test_one_that_cannot_be_started_within_limits_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\0\1\2")
    broken.chmod(0o755)
    with pytest.raises(ProgramNotRunError, match="broken cannot be started: Exec format error"):
        run_program([str(broken)], BytesIO(), BOUNDED)


def test_a_program_ends_when_it_is_not_wanted_any_more() -> None:
    started = time.monotonic()
    limits = replace(BOUNDED, is_wanted=lambda: time.monotonic() - started < 0.3)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(ProgramStoppedError, match="is not wanted any more"):
        run_program(command, BytesIO(), limits)
    assert time.monotonic() - started < 10


def test_a_program_ends_with_the_process_that_started_it() -> None:
    sleeping = f"import time; time.sleep(60)  # {os.getpid()} {time.monotonic()}"
    script = f"""
from io import BytesIO
from tecken.core.external_programs.running import ProgramLimits, run_program
run_program([{sys.executable!r}, "-c", {sleeping!r}], BytesIO(), ProgramLimits(60, 1, 1 << 28))
"""
    started = subprocess.Popen([sys.executable, "-c", script])
    try:
        _wait_for(sleeping, running=True)
    finally:
        started.kill()
        started.wait()
    _wait_for(sleeping, running=False)


def _wait_for(argument: str, *, running: bool) -> None:
    deadline = time.monotonic() + 20
    while _is_running(argument) != running:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _is_running(argument: str) -> bool:
    """Say whether a program runs whose last argument this is."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if argument.encode() in found[:3]:
            return True
    return False
