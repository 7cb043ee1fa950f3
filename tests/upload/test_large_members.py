# SPDX-License-Identifier: MPL-2.0

"""Large members are read by worker processes, of which nothing is to be seen."""

import gzip
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.support.processes import workers_of
from tests.upload.examples import DEBUG_ID, NAME, TEXT, Post, objects

from tecken.core.archives.reading import LARGE_BYTES

LARGE = TEXT + b"".join(
    b"FUNC %x0 10 0 function_%d(int)\n%x0 10 %d 0\n" % (n, n * 7919 % 10_007, n, n)
    for n in range(0x1000, 100_000)
)
OTHER_NAME = f"other.pdb/{DEBUG_ID}/other.pd_"


@contextmanager
def watching_workers(*signals: signal.Signals) -> Iterator[set[int]]:
    """Note which worker processes there are meanwhile, and send each of them signals as soon as it is seen."""
    seen: set[int] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            for worker in set(workers_of(os.getpid())) - seen:
                seen.add(worker)
                for kind in signals:
                    with suppress(ProcessLookupError):  # one of another test ends just now
                        os.kill(worker, kind)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def test_a_large_symbol_file_is_stored(post: Post, uploader: str, bucket: Path) -> None:
    assert len(LARGE) >= LARGE_BYTES
    with watching_workers() as seen:
        answer = post({NAME: LARGE, OTHER_NAME: b"small"}, uploader)
    assert answer.status_code == 201
    assert seen
    stored = objects(bucket)
    assert gzip.decompress(stored[f"v1/{NAME}"]) == LARGE
    assert stored[f"v1/{OTHER_NAME}"] == b"small"
    assert len(list(bucket.glob(f"v1/.index/{NAME}/*"))) == 1


def test_a_large_file_that_is_not_compressed_is_stored(
    post: Post, uploader: str, bucket: Path
) -> None:
    with watching_workers() as seen:
        assert post({OTHER_NAME: LARGE}, uploader).status_code == 201
    assert seen
    assert objects(bucket) == {f"v1/{OTHER_NAME}": LARGE}


def test_the_same_large_file_is_skipped(post: Post, uploader: str) -> None:
    post({NAME: LARGE}, uploader)
    answer = post({NAME: LARGE}, uploader)
    assert answer.json()["upload"]["skipped_keys"] == [NAME]


def test_a_small_file_needs_no_worker_process(post: Post, uploader: str) -> None:
    before = set(workers_of(os.getpid()))
    with watching_workers() as seen:
        assert post({NAME: TEXT}, uploader).status_code == 201
    assert seen <= before


def test_a_worker_process_that_is_killed_costs_nothing_but_time(
    post: Post, uploader: str, bucket: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with watching_workers(signal.SIGKILL) as seen, caplog.at_level(logging.WARNING):
        assert post({NAME: LARGE}, uploader).status_code == 201
    [said] = [record for record in caplog.records if record.name == "tecken.upload.reading"]
    assert said.getMessage() in {
        f"worker process {worker} ended with status -9; {NAME} is read by the server itself"
        for worker in seen
    }
    assert gzip.decompress(objects(bucket)[f"v1/{NAME}"]) == LARGE


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            LARGE + b"FILE 1 https://hg.mozilla.org/forbidden\n",
            "Content of archive file contains the snippet 'https://hg.mozilla.org/forbidden' "
            "which is not allowed",
        ),
        (
            LARGE.replace(DEBUG_ID.encode(), DEBUG_ID[::-1].encode(), 1),
            f"The MODULE line of {NAME} has the debug id {DEBUG_ID[::-1]}",
        ),
    ],
    ids=["forbidden snippet", "MODULE of another file"],
)
def test_a_large_member_is_refused_as_any_other(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    text: bytes,
    error: str,
) -> None:
    settings.DISALLOWED_SYMBOLS_SNIPPETS = ("https://hg.mozilla.org/forbidden",)
    settings.UPLOAD_VERIFY_MODULE = True
    answer = post({NAME: text}, uploader)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert objects(bucket) == {}
