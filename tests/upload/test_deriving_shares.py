# SPDX-License-Identifier: MPL-2.0

"""Large modules in the background: several processes each derive a share of the units."""

import gzip
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.support.native_files import compiled
from tests.upload.examples import Post, objects

from tecken.core.native.derive import derive_share
from tecken.core.process_pool.pool import ProcessPool
from tecken.core.symbols.symbol_file import SymbolFile
from tecken.upload.deriving import module, shares
from tecken.upload.deriving.uploads import derive_pending
from tecken.upload.models import FileUpload

pytestmark = pytest.mark.django_db
FULL = compiled("gcc5")
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _shares_of_small_files(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    settings.UPLOAD_DERIVE_PROCESSES = 2
    monkeypatch.setattr(shares, "MIN_BYTES_OF_SHARES", 0)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that worker processes run."""
    names: list[str] = []
    run = ProcessPool.run

    def noting(pool: ProcessPool, function: Callable[[], object], **more: object) -> object:
        names.append(getattr(function, "func", function).__name__)
        return run(pool, function, **more)

    monkeypatch.setattr(ProcessPool, "run", noting)
    return names


def derive(post: Post, uploader: str, program: bytes = FULL) -> FileUpload:
    derive_pending(post({"program": program}, uploader).json()["upload"]["id"])
    return FileUpload.objects.get(derived=False)


def in_place_of_shares(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes that derive shares evaluate a text in place of that."""

    def call(function: Callable[..., object], *arguments: object) -> Callable[[], object]:
        return partial(eval, text) if function is derive_share else partial(function, *arguments)

    monkeypatch.setattr(shares, "partial", call)


def symbols(bucket: Path, path: Path) -> SymbolFile:
    (key,) = [key for key in objects(bucket) if key.endswith(".sym")]
    path.write_bytes(gzip.decompress(objects(bucket)[key]))
    return SymbolFile.open(path)


def test_they_say_what_one_process_says(
    post: Post, uploader: str, bucket: Path, tmp_path: Path, ran: list[str]
) -> None:
    assert derive(post, uploader).derivation == "done"
    assert ran == ["inflate_sections", "derive_share", "derive_share", "join_shares"]
    program = tmp_path / "program"
    program.write_bytes(FULL)
    addresses = range(0x8000)
    with symbols(bucket, tmp_path / "a.sym") as shares, SymbolFile.open(program) as one:
        assert shares.lookup_many(addresses) == one.lookup_many(addresses)


@pytest.mark.parametrize(
    ("memory", "setting", "processes"),
    [(400, 2, 2), (319, 2, 1), (128, 8, 1), (1600, 8, 8), (400, 1, 1), (1600, 0, os.cpu_count())],
)
def test_there_are_as_many_as_memory_allows(
    settings: Settings, memory: int, setting: int, processes: int
) -> None:
    settings.UPLOAD_DERIVE_MAX_MEMORY_BYTES = memory * MIB
    settings.UPLOAD_DERIVE_PROCESSES = setting
    assert shares.processes_at_once() == min(processes, 4 if setting == 0 else 8)


def test_shares_that_need_too_much_memory_are_left_to_one_process(
    post: Post, uploader: str, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place_of_shares("bytearray(10**13)", monkeypatch)
    assert derive(post, uploader).derivation == "done"
    assert ran[-1] == "derive"


def test_the_damage_that_one_finds_is_the_reason(post: Post, uploader: str) -> None:
    row = derive(post, uploader, FULL.replace(b"\x05\0\x01\x08", b"\x05\0\x01\x77"))
    assert row.derivation == "failed"
    assert "unit" in row.problem


def test_one_that_dies_fails_the_module(
    post: Post, uploader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_place_of_shares("__import__('os').kill(__import__('os').getpid(), 9)", monkeypatch)
    row = derive(post, uploader)
    assert (row.derivation, row.problem) == ("failed", "deriving its symbols failed")


def test_one_that_runs_out_of_time_fails_the_module(
    post: Post, uploader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BACKGROUND_SECONDS", 0.01)
    row = derive(post, uploader)
    assert (row.derivation, row.problem) == ("failed", "deriving its symbols takes too long")
