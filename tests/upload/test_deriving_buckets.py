# SPDX-License-Identifier: MPL-2.0

"""Deriving the symbols of all native files of a bucket, by ``tecken derive``."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings
from tests.support.native_files import (
    BUILD_ID,
    DEBUG_ID,
    PROGRAM,
    PROGRAM_DEBUG,
    PROGRAM_FULL,
    compiled,
)
from tests.support.windows_files import windows_file
from tests.upload.examples import Post, aliases, objects

from tecken.commands import django
from tecken.commands.main import cli
from tecken.core.errors import StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.upload.deriving import buckets, shares, stored_natives
from tecken.upload.deriving.buckets import BucketWalk, Walked
from tecken.upload.deriving.uploads import derive_pending
from tecken.upload.models import FileUpload, SweepCursor
from tecken.web.sources import upload_source

pytestmark = pytest.mark.django_db
MODULE = f"crash/{DEBUG_ID}"
NATIVE = f"v1/{MODULE}/crash"
DERIVED = f"v1/{MODULE}/crash.sym"
ORIGINAL = f".native/{BUILD_ID[:2]}/{BUILD_ID[2:]}/executable"


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch, bucket: Path) -> None:
    """Keep the connection of the test."""
    monkeypatch.setattr(django, "migrate", lambda: None)
    monkeypatch.setattr(django, "close_connections", lambda: None)


def put(bucket: Path, key: str, data: bytes) -> None:
    (bucket / key).parent.mkdir(parents=True, exist_ok=True)
    (bucket / key).write_bytes(data)


def derive(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["derive", *arguments])


def regular_walk(**options: bool) -> BucketWalk:
    return BucketWalk(upload_source(try_symbols=False), **options)


def nothing(_: Walked) -> None:
    pass


def test_all_native_files_without_symbols_are_derived(
    post: Post, uploader: str, bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    post({"app": PROGRAM_FULL}, uploader, **{"try": "1"})
    put(bucket, NATIVE, PROGRAM_FULL)
    put(bucket, "v1/xul.pdb/AB12/xul.pdb", b"no PDB")
    put(bucket, f"v1/libx.so/{DEBUG_ID}/libx.so", PROGRAM_FULL)
    put(bucket, f"v1/libx.so/{DEBUG_ID}/libx.so.sym", b"MODULE")
    result = derive("--all")
    assert result.exit_code == 0, result.output
    assert "1 native without symbols: 1 derived, 0 without result" in result.stdout
    stored = objects(bucket)
    assert "FUNC 10c b 0 outer" in gzip.decompress(stored[DERIVED]).decode()
    assert f"try/v1/app/{DEBUG_ID}/app.sym" in stored
    assert stored[f"v1/libx.so/{DEBUG_ID}/libx.so.sym"] == b"MODULE"
    assert set(aliases(bucket).values()) == {f"{MODULE}/crash", ORIGINAL}
    again = derive("--all")
    assert "0 native without symbols" in again.stdout


def test_a_dry_run_lists_and_changes_nothing(bucket: Path) -> None:
    put(bucket, NATIVE, PROGRAM_FULL)
    result = derive("--all", "--dry-run")
    assert result.stdout.splitlines()[0] == f"{MODULE}/crash"
    assert "1 files, 1 native without symbols" in result.stdout
    assert not FileUpload.objects.exists()
    assert not SweepCursor.objects.exists()
    assert set(objects(bucket)) == {NATIVE}


def test_originals_that_no_row_tells_of_are_derived_under_their_ids(bucket: Path) -> None:
    """As in a bucket that was copied without its database."""
    put(bucket, f"v1/{ORIGINAL}", PROGRAM)
    put(bucket, f"v1/{ORIGINAL.replace('executable', 'debuginfo')}", PROGRAM_DEBUG)
    result = derive("--all")
    assert "2 native without symbols" in result.stdout, result.output
    assert f"v1/{DEBUG_ID}/{DEBUG_ID}/{DEBUG_ID}.sym" in objects(bucket)
    assert {row.derivation for row in FileUpload.objects.filter(derived=False)} == {"done"}


def test_after_it_was_killed_it_goes_on_where_it_was(
    bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "_FOLDERS_AT_ONCE", 10)
    for number in range(35):
        put(bucket, f"v1/lib{number:02}/{number:032X}1/lib{number:02}", b"nothing")
    looked_at: list[str] = []
    is_native = buckets._is_native

    def look(source: object, key: SymbolKey) -> bool:
        if len(looked_at) >= 25:  # by several threads
            raise StorageUnavailableError("symbols", None, "gone")
        looked_at.append(str(key))
        return is_native(source, key)

    monkeypatch.setattr(buckets, "_is_native", look)
    with pytest.raises(StorageUnavailableError):
        regular_walk().run(nothing)
    looked_at = []
    assert regular_walk().run(nothing).files == 15
    assert {key.partition("/")[0] for key in looked_at} == {
        f"lib{number}" for number in range(20, 35)
    }
    assert not SweepCursor.objects.exists()
    looked_at = []
    monkeypatch.setattr(buckets, "_is_native", is_native)
    assert regular_walk().run(nothing).files == 35


def test_a_bucket_that_fails_is_told_and_the_other_is_walked(
    bucket: Path, settings: Settings
) -> None:
    settings.UPLOAD_DEFAULT_URL = (bucket.parent / "gone").as_uri()
    result = derive("--all")
    assert result.exit_code == 1
    assert "Error: gone-" in result.stderr
    assert "0 files, 0 native without symbols" in result.stdout


def test_what_gave_no_symbols_is_taken_up_on_demand(bucket: Path) -> None:
    put(bucket, NATIVE, PROGRAM_FULL[:200])
    assert "1 without result" in derive("--all").stdout
    row = FileUpload.objects.get()
    assert (row.derivation, row.kind) == ("failed", "elf")
    assert "0 native without symbols" in derive("--all").stdout
    put(bucket, NATIVE, PROGRAM_FULL)
    assert "1 native without symbols" in derive("--all", "--again", "--dry-run").stdout
    assert "1 derived" in derive("--all", "--again").stdout
    assert DERIVED in objects(bucket)


def test_symbols_that_are_gone_are_derived_again(post: Post, uploader: str, bucket: Path) -> None:
    post({"crash": PROGRAM_FULL}, uploader)
    (bucket / DERIVED).unlink()
    assert "1 derived" in derive("--all").stdout
    assert DERIVED in objects(bucket)


@pytest.mark.parametrize("key", [NATIVE, f"{MODULE}/crash"])
def test_a_single_key(bucket: Path, key: str) -> None:
    put(bucket, NATIVE, PROGRAM_FULL)
    result = derive(key)
    assert (result.exit_code, result.stdout) == (0, f"{NATIVE}: done\n")
    assert DERIVED in objects(bucket)


def test_a_single_key_tells_why_there_are_none(bucket: Path) -> None:
    put(bucket, NATIVE, PROGRAM_FULL[:200])
    put(bucket, "v1/a/AB12/b", b"text")
    result = derive(f"{MODULE}/crash", "a/AB12/b", "a/AB12/c", "nonsense")
    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{NATIVE}: failed: ")
    assert "it is no native file" in second
    assert "a/AB12/c: no bucket of uploads has it" in result.stderr
    assert "nonsense: no bucket of uploads has it" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("--all", "a/AB12/b"), ("a/AB12/b", "--dry-run")])
def test_options_that_do_not_go_together_are_refused(arguments: tuple[str, ...]) -> None:
    assert derive(*arguments).exit_code == 2


def _upload_for_background(post: Post, uploader: str, name: str, data: bytes) -> None:
    derive_pending(post({name: data}, uploader).json()["upload"]["id"])


@pytest.mark.parametrize("way", ["walk", "miss", "background", "shares", "windows"])
def test_a_forbidden_text_is_not_stored_whatever_it_is_derived_by(
    post: Post,
    uploader: str,
    bucket: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Originals may have it in compressed sections, or only as a mangled name."""
    settings.UPLOAD_DERIVE_MAX_BYTES = 0
    settings.UPLOAD_DERIVE_PROCESSES = 2
    settings.DISALLOWED_SYMBOLS_SNIPPETS = ("INFO GENERATOR tecken",)
    match way:
        case "walk":
            put(bucket, NATIVE, PROGRAM_FULL)
            assert "1 without result" in derive("--all").stdout
        case "miss":
            put(bucket, NATIVE, PROGRAM_FULL)
            source = upload_source(try_symbols=False)
            key = SymbolKey.parse(f"{MODULE}/crash")
            stored_natives.mark_pending(source, key, source.bucket.head(NATIVE))
            stored_natives.derive_stored(source.name, NATIVE)
        case "background":
            _upload_for_background(post, uploader, "crash", PROGRAM_FULL)
        case "shares":
            monkeypatch.setattr(shares, "MIN_BYTES_OF_SHARES", 0)
            _upload_for_background(post, uploader, "program", compiled("gcc5"))
        case "windows":
            settings.DISALLOWED_SYMBOLS_SNIPPETS = ("sell(int)",)
            pdb = windows_file("x64/sample.pdb")
            assert b"sell(int)" not in pdb
            _upload_for_background(post, uploader, "sample.pdb", pdb)
    row = FileUpload.objects.get()
    assert (row.derivation, "not allowed" in row.problem) == ("failed", True)
    assert not [key for key in objects(bucket) if key.endswith(".sym")]


def test_very_many_keys_take_little_memory(
    bucket: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """A listing of 20,000 keys, of which most are indexes and symbol files."""
    import tracemalloc

    from tecken.core.storage.base import ListedObject

    def keys(_prefix: str, _after: str) -> object:
        for number in range(5_000):
            folder = f"lib{number}/{number:032X}1"
            for key in (f".index/{folder}/lib.sym/00", f"{folder}/lib{number}.sym"):
                yield ListedObject(f"v1/{key}", 1, "", None)
            yield ListedObject(f"v1/{folder}/lib{number}", 1, "", None)
            yield ListedObject(f"v1/{folder}/lib{number}.so.gz", 1, "", None)

    walk = regular_walk(dry_run=True)
    monkeypatch.setattr(
        type(walk._source.bucket), "list", lambda _self, *a: keys(*a), raising=False
    )
    tracemalloc.start()
    walked = walk.run(nothing)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert walked.files == 20_000
    assert peak < 1_000_000  # the keys alone would take three times as much
