# SPDX-License-Identifier: MPL-2.0

"""Running real programs: Python scripts, and those of the system."""

import sys
import time
from io import BytesIO
from pathlib import Path

import pytest

from tecken.core.errors import ProgramError, ProgramNotRunError
from tecken.core.external_programs import ProgramLimits, find_program, run_program

LIMITS = ProgramLimits(seconds=20, output_bytes=1_000_000)


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
