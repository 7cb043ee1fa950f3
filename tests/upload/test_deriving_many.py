# SPDX-License-Identifier: MPL-2.0

"""Many modules wait to be derived by the processes of a server, which run other tasks meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.support.native_files import BUILD_ID, PROGRAM_FULL
from tests.upload.examples import Post, objects

from tecken.core.native.model import Derived
from tecken.jobs import server_queue
from tecken.jobs.models import Task
from tecken.jobs.registry import background_task
from tecken.jobs.server_queue import ServerQueue
from tecken.jobs.services import enqueue, put_off
from tecken.upload import tasks
from tecken.upload.deriving.shares import ModuleWork
from tecken.upload.deriving.uploads import TASK
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db(transaction=True)
MODULES = 40
others_run: list[int] = []


@background_task("tests.count_beside_deriving", time_limit_seconds=60)
def count_beside_deriving(number: int) -> None:
    others_run.append(number)


@pytest.fixture
def _two_processes(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[None]:
    """The queues of two processes of a server, which know nothing of each other but the rows and the locks."""
    settings.CELERY_BROKER_URL = ""
    monkeypatch.setattr(server_queue, "_POLL_SECONDS", 0.05)
    queues = [ServerQueue(), ServerQueue()]
    for queue in queues:
        queue.start()
    yield
    for queue in queues:
        queue.stop()


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_while_many_modules_wait_other_tasks_are_run_and_all_are_derived(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    build_id = bytes.fromhex(BUILD_ID)
    for number in range(MODULES):
        program = PROGRAM_FULL.replace(build_id, bytes([number]) * 20)
        assert post({"crash": program}, uploader).status_code == 201
    assert Task.objects.filter(name=TASK, state="waiting").count() == MODULES
    may_go_on, run = threading.Event(), ModuleWork.run

    def run_when_allowed(work: ModuleWork, processes: int) -> Derived:
        assert may_go_on.wait(300)
        return run(work, processes)

    monkeypatch.setattr(ModuleWork, "run", run_when_allowed)
    request.getfixturevalue("_two_processes")
    # One process has the turn, and the other asks for all others once.
    wait_until(lambda: put_off(tasks.derive_symbols).count() == MODULES - 1, 120)
    # Whoever waited for what is derived would wait for ever. The machine may have others to serve, too.
    took = []
    for number in range(5):
        began = time.monotonic()
        enqueue(count_beside_deriving, number=number)
        wait_until(lambda number=number: number in others_run, 60)
        took.append(time.monotonic() - began)
    assert min(took) < 2
    assert not FileUpload.objects.filter(derived=True).exists()
    may_go_on.set()
    pending = FileUpload.objects.filter(derivation="pending")
    wait_until(lambda: not pending.exists(), 300)  # beside others that take the processor
    assert sum(key.endswith(".sym") for key in objects(bucket)) == MODULES
    # Nobody asked again and again meanwhile.
    assert Task.objects.filter(name=TASK).count() < 3 * MODULES
