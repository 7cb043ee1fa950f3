# SPDX-License-Identifier: MPL-2.0

"""What holds for every test: real data where it exists, and no skipped test in CI."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.support.services", "tests.support.forms"]

REPOSITORY = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("TECKEN_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real symbol files (`symbols/`, `archives/`, `binaries/`)."""
    return REAL_DATA


def pytest_configure(config: pytest.Config) -> None:
    if IN_CI and not REAL_DATA.is_dir():
        raise pytest.UsageError(
            f"CI needs real data, and {REAL_DATA} (TECKEN_REAL_DATA) is missing"
        )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if REAL_DATA.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not REAL_DATA.is_dir():
        terminalreporter.line(
            f"Without real data ({REAL_DATA} is missing), tests of it are left out."
        )
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "summary" and report.when == "call":
                terminalreporter.line(f"{report.nodeid}: {value}")
    if IN_CI and terminalreporter.stats.get("skipped"):
        terminalreporter.line("CI allows no skipped test.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
