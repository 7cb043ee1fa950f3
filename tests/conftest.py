# SPDX-License-Identifier: MPL-2.0

"""What holds for every test: real data where it exists, and no skipped test in CI."""

import gc
import os
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.support.services", "tests.support.forms"]

REPOSITORY = Path(__file__).parents[1]
REAL_DATA = Path(os.environ.get("TECKEN_REAL_DATA", REPOSITORY.parent / "shared" / "data"))
IN_CI = os.environ.get("CI") == "true"
# They take or wait longest, each in one process: with others first, that one would end alone.
LONGEST = (
    *("overload/test_limits_of_connections", "system/test_tasks", "system/test_openapi"),
    *("system/test_sentry_cli", "system/test_upstreams", "system/test_missing_symbols"),
    *("system/test_worker_processes", "system/test_killed_deriving", "commands/test_serve"),
    *("system/test_sign_in", "overload/test_stalled_clients", "system/test_upload_command"),
    *("api/test_permissions_page", "upload/test_deriving_many", "system/test_killed_taking_back"),
)
# What of pytest-django gives a test the database.
DATABASE_FIXTURES = {"db", "transactional_db"}
PAGES = "tests/browser/"
# Those that start a server of their own, or take longest.
FIRST_PAGES = (
    "test_deriving.py",
    "test_microsoft_downloads.py",
    "test_private_server.py",
    "test_tasks.py",
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real symbol files (`symbols/`, `archives/`, `binaries/`)."""
    return REAL_DATA


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """It goes with its server or with memory; a database that a thread still uses cannot be dropped."""
    return True


def pytest_configure(config: pytest.Config) -> None:
    if IN_CI and not REAL_DATA.is_dir():
        raise pytest.UsageError(
            f"CI needs real data, and {REAL_DATA} (TECKEN_REAL_DATA) is missing"
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ranks = {REPOSITORY / "tests" / f"{name}.py": rank for rank, name in enumerate(LONGEST)}
    assert all(path.is_file() for path in ranks), "LONGEST names a file that is not there"

    def rank(item: pytest.Item) -> int:
        # Pages go to processes one by one after all others, so that all end together.
        is_alone = server_of(item.nodeid) == item.nodeid
        return ranks.get(item.path, len(ranks) + item.nodeid.startswith(PAGES) + is_alone)

    items.sort(key=rank)
    left_out = {item for item in items if is_left_out(item)}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def is_left_out(item: pytest.Item) -> bool:
    """Say whether a test lacks its data, or was run with files and would be the same with PostgreSQL and Redis."""
    if item.get_closest_marker("real_data") and not REAL_DATA.is_dir():
        return True
    if os.environ["TECKEN_TEST_FORM"] == "embedded" or item.get_closest_marker("both_forms"):
        return False
    fixtures = getattr(item, "fixturenames", ())
    has_database = item.get_closest_marker("django_db") or DATABASE_FIXTURES.intersection(fixtures)
    return not has_database or item.get_closest_marker("one_form") is not None


def server_of(nodeid: str) -> str:
    """Return what names the server of a test: its file, or for a page whose server each process has, the test itself."""
    if not nodeid.startswith(PAGES):
        return nodeid.partition("::")[0]
    if "scaled out" in nodeid:
        return "scaled out"
    return next((name for name in FIRST_PAGES if name in nodeid), nodeid)


class ByServer(LoadScopeScheduling):
    """What shares a server goes to one process, so that it is started once.

    Most tests share servers by file. Pages share one for all, of which each process has its own, except for those that need another.
    """

    def _split_scope(self, nodeid: str) -> str:
        return server_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServer | None:
    return ByServer(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    # What is imported stays. To look through all that a test has made, again and again, takes a tenth of its time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


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
