# SPDX-License-Identifier: MPL-2.0

"""Browser tests: Chromium and a started server, scaled out where a page may tell the difference.

``visit`` opens a page as somebody; whatever the page logs as an error, asks of another host or does
against its policy fails the test.

All tests of a process share a server for each form, so each looks for what it has made itself, or what
``filled`` has, and finds other things beside it. Tests that need another server override ``server`` and ``people``.
"""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from tests.browser.chromium import started_chromium
from tests.browser.layout import DESKTOP
from tests.browser.pages import NO_PAGE, PAGES, go_on_to, wait_until_shown
from tests.browser.people import Kind, People, email_of
from tests.browser.watched_page import PATIENCE_MS, WatchedPage, Windows
from tests.support.deriving import TWO_PROCESSES
from tests.support.forms import Form
from tests.support.minidumps import STACKWALK
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

Visit = Callable[..., Page]

CONTACT = "https://bugs.example.com/new?component=Symbols"

expect.set_options(timeout=PATIENCE_MS)


def pytest_itemcollected(item: pytest.Item) -> None:
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.browser)


# Not for the whole session: its event loop would be in the way of tests inside of Django.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with started_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that fetches from any host, so that one can be had here, reads minidumps, and has a bucket of the chooser's.

    It derives with two processes, so that a test may stop both.
    """
    folder = tmp_path_factory.mktemp("browser")
    started = StartedServer(folder / "data")
    form(started)
    other = {email_of("chooser"): (folder / "private").as_uri()}
    started.settings |= {
        **TWO_PROCESSES,
        "DJANGO_ALLOW_UPLOAD_BY_ANY_DOMAIN": "True",
        "DJANGO_CONTACT_URL": CONTACT,
        "DJANGO_MINIDUMP_STACKWALK_PATH": str(STACKWALK),
        "DJANGO_UPLOAD_URL_EXCEPTIONS": json.dumps(other),
    }
    started.start()
    yield started
    log = started.log()
    started.stop(signal.SIGKILL)
    assert "Traceback" not in log, log


@pytest.fixture(scope="session")
def filled(
    server: StartedServer, people: People, tmp_path_factory: pytest.TempPathFactory
) -> StartedServer:
    """The server, after two uploads of the uploader's."""
    folder = tmp_path_factory.mktemp("archives")
    token = people.token("uploader")
    for name in ("walk", "second"):
        key = f"{name}.pdb/{HELLO_ID}/{name}.sym"
        archive = write_zip(folder / f"{name}.zip", {key: hello(f"{name}.pdb")})
        sent = server.upload(archive, token, f"{name}.zip")
        assert sent.status_code == 201, sent.text
    return server


@pytest.fixture(scope="session")
def sender_token(people: People) -> str:
    """A token for what tests upload."""
    return people.token("sender")


@pytest.fixture
def counted(filled: StartedServer, people: People) -> None:
    """The uploads of today are counted now: by the server itself, or by request where there is no worker."""
    if "REDIS_URL" not in filled.settings:
        today = "SELECT date FROM upload_uploadscreated WHERE count >= 2"
        wait_until(lambda: bool(filled.rows(today)), "the day is counted", PATIENCE_MS / 1000)
    superuser = requests.Session()
    superuser.cookies.update(people.cookies("superuser"))
    superuser.get(f"{filled.url}/api/_auth/", timeout=PATIENCE_MS / 1000)
    done = superuser.post(
        f"{filled.url}/api/uploads/created/backfilled/",
        data={"days": 2},
        headers={"X-CSRFToken": superuser.cookies["csrftoken"]},
        timeout=PATIENCE_MS / 1000,
    )
    assert done.ok, done.text


@pytest.fixture(scope="session")
def people(server: StartedServer) -> People:
    return People(server)


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


@pytest.fixture(scope="package")
def windows(chromium: Browser) -> Iterator[Windows]:
    """What tests have left in the browser of this process, and may go on with."""
    opened = Windows(chromium)
    yield opened
    opened.close()


@pytest.fixture
def visit(windows: Windows, server: StartedServer, people: People) -> Iterator[Visit]:
    """Return a function that loads a page: ``visit("/uploads", "uploader")``.

    It may be in a window that another test has left, and keeps nothing but the files of the app. A test
    that sets how the browser itself works has its ``own``.
    """
    shared: list[WatchedPage] = []
    owned: list[WatchedPage] = []
    free = windows.free[server.url]

    def visit(path: str, kind: Kind = "nobody", width: int = DESKTOP, *, own: bool = False) -> Page:
        page = free.pop() if free and not own else windows.open(server.url)
        (owned if own else shared).append(page)
        page.begin(people.cookies(kind), width)
        page.page.goto(path)
        return page.page

    yield visit
    troubles = [trouble for page in owned for trouble in page.close()]
    for page in shared:
        troubles += page.leave()
        free.append(page)
    assert troubles == []


@pytest.fixture
def go_to(windows: Windows, server: StartedServer, people: People) -> Iterator[Visit]:
    """Return a function by which somebody goes to a page as by a link: ``go_to("/uploads", "superuser")``.

    All tests of a process have the same page for a kind of people.
    """
    used: set[WatchedPage] = set()

    def go_to(path: str, kind: Kind = "nobody", width: int = DESKTOP) -> Page:
        standing = windows.standing.get((server.url, kind))
        if standing is None:
            standing = windows.standing[server.url, kind] = windows.open(server.url)
            standing.begin(people.cookies(kind), width)
            standing.page.goto(NO_PAGE)
            wait_until_shown(standing.page)
        used.add(standing)
        page = standing.page
        page.set_viewport_size({"width": width, "height": 800})
        if not page.url.endswith(NO_PAGE):
            go_on_to(page, NO_PAGE)  # or two addresses of one route might share what they show
        go_on_to(page, path)
        return page

    yield go_to
    assert [trouble for page in used for trouble in page.tidy()] == []
