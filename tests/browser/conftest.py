# SPDX-License-Identifier: MPL-2.0

"""Browser tests: Chromium and a started server, in both forms.

``visit`` opens a page as somebody; whatever the page logs as an error, asks of another host or does
against its policy fails the test.

All tests of a process share a server for each form, so each looks for what it has made itself, or what
``filled`` has, and finds other things beside it. Tests that need another server override ``server``.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.browser.chromium import started_chromium
from tests.browser.pages import PAGES, wait_until_shown
from tests.browser.people import Kind, email_of, session_of
from tests.browser.servers import running, send
from tests.browser.visitors import PATIENCE_MS, Visitors
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.minidumps import STACKWALK
from tests.support.started_server import StartedServer, wait_until
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

Visit = Callable[..., Page]

DERIVED_AT_ONCE = 8_000_000  # bytes of native files, before an upload is answered
CONTACT = "https://bugs.example.com/new?component=Symbols"

expect.set_options(timeout=PATIENCE_MS)


# For tests of what can differ between the forms; all others are tested in one.
BOTH_FORMS = pytest.mark.parametrize("form", ["embedded", "scaled out"], indirect=True)

# They start a server of their own.
_OWN_SERVER = ("test_microsoft_downloads.py", "test_private_server.py", "test_tasks.py")
# They fill it with what takes long.
_OWN_DATA = ("test_hostile_data.py", "test_uploads.py")


def pytest_itemcollected(item: pytest.Item) -> None:
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.browser)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    test = metafunc.definition
    names_form = any(mark.args[0] == "form" for mark in test.iter_markers("parametrize"))
    if "form" in metafunc.fixturenames and not names_form:
        test.add_marker(EMBEDDED_ONLY)


class ByServer(LoadScopeScheduling):
    """What needs another server or other data than most is done by one process, so that they are made once; the rest by any."""

    def _split_scope(self, nodeid: str) -> str:
        if "scaled out" in nodeid:
            return "scaled out"
        return next((name for name in (*_OWN_SERVER, *_OWN_DATA) if name in nodeid), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServer:
    return ByServer(config, log)


# Not for the whole session: its event loop would be in the way of tests inside of Django.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with started_chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def visitors(chromium: Browser) -> Visitors:
    return Visitors(chromium)


@pytest.fixture(scope="session")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that fetches from any host, so that one can be had here, reads minidumps, and has a bucket of the chooser's."""
    folder = tmp_path_factory.mktemp("browser")
    other = {email_of("chooser"): (folder / "private").as_uri()}
    settings = {
        "DJANGO_ALLOW_UPLOAD_BY_ANY_DOMAIN": "True",
        "DJANGO_CONTACT_URL": CONTACT,
        "DJANGO_MINIDUMP_STACKWALK_PATH": str(STACKWALK),
        "DJANGO_UPLOAD_DERIVE_MAX_BYTES": str(DERIVED_AT_ONCE),
        "DJANGO_UPLOAD_URL_EXCEPTIONS": json.dumps(other),
    }
    with running(form, folder, settings) as started:
        yield started
        assert "Traceback" not in started.log(), started.log()


@pytest.fixture(scope="session")
def filled(server: StartedServer, tmp_path_factory: pytest.TempPathFactory) -> StartedServer:
    """The server, after two uploads of the uploader's."""
    folder = tmp_path_factory.mktemp("archives")
    for name in ("walk", "second"):
        send(server, "uploader", folder / f"{name}.zip")
    return server


@pytest.fixture
def counted(filled: StartedServer) -> None:
    """The uploads of today are counted now: by the server itself, or by request where there is no worker."""
    if "REDIS_URL" not in filled.settings:
        today = "SELECT date FROM upload_uploadscreated WHERE count >= 2"
        wait_until(lambda: bool(filled.rows(today)), "the day is counted", PATIENCE_MS / 1000)
    superuser = requests.Session()
    superuser.cookies["sessionid"] = session_of(filled, "superuser")
    superuser.get(f"{filled.url}/api/_auth/", timeout=PATIENCE_MS / 1000)
    done = superuser.post(
        f"{filled.url}/api/uploads/created/backfilled/",
        data={"days": 2},
        headers={"X-CSRFToken": superuser.cookies["csrftoken"]},
        timeout=PATIENCE_MS / 1000,
    )
    assert done.ok, done.text


@pytest.fixture(scope="session")
def addresses(filled: StartedServer) -> dict[str, str]:
    """The addresses of all pages, with the numbers of an upload, a file and a user."""
    [(user,)] = filled.rows(
        f"SELECT id FROM accounts_user WHERE email = '{email_of('uploader')}'"  # noqa: S608 - ours
    )
    [(upload, file)] = filled.rows(
        "SELECT upload_id, id FROM upload_fileupload WHERE key LIKE '%walk.sym'"
    )
    numbers = {"user": user, "upload": upload, "file": file}
    return {path: path.format_map(numbers) for path in PAGES}


@pytest.fixture
def visit(server: StartedServer, visitors: Visitors) -> Iterator[Visit]:
    """Return a function that opens a page, and waits for what it shows: ``visit("/uploads", "uploader")``."""

    def visit(path: str, kind: Kind = "nobody", width: int = 1280, *, first: bool = False) -> Page:
        page = visitors.page(server, kind, first=first)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)
        wait_until_shown(page)
        return page

    yield visit
    assert visitors.leave() == []
