# SPDX-License-Identifier: MPL-2.0

"""Backups of a data folder that is written to, and what is found wrong with one."""

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tecken.core.backups.checking import check_backup
from tecken.core.backups.manifest import (
    MANIFEST,
    SavedObject,
    backups_in,
    find_backup,
    read_manifest,
    read_objects,
)
from tecken.core.backups.restoring import RestoringBucket, RestoringFile
from tecken.core.backups.writing import SavedPaths, Written, remove_unfinished, write_backup
from tecken.core.errors import BackupError
from tecken.core.storage.base import Content
from tecken.core.storage.filesystem import FolderBucket

KEY = "v1/xul.pdb/ABC1/xul.sym"
OTHER_KEY = "v1/xul.pdb/ABC2/xul.sym"
GZIP = Content("text/plain", "gzip", {"original_size": "3"})


@dataclass
class Node:
    """A data folder with a database and a bucket."""

    data_dir: Path

    @property
    def database(self) -> Path:
        return self.data_dir / "tecken.sqlite3"

    @property
    def bucket(self) -> FolderBucket:
        return FolderBucket(self.data_dir / "buckets" / "symbols")

    @property
    def paths(self) -> SavedPaths:
        return SavedPaths(
            self.data_dir,
            {"database": self.database, "secret_key": self.data_dir / "secret_key"},
            (self.bucket.folder,),
        )

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement).fetchall()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = Node(tmp_path / "data")
    node.bucket.make()
    node.bucket.put(KEY, b"\x1f\x8babc", GZIP)
    node.bucket.put(OTHER_KEY, b"\x1f\x8bdefg", GZIP)
    node.execute("PRAGMA journal_mode=WAL")
    node.execute("CREATE TABLE row (number INTEGER)")
    (node.data_dir / "secret_key").write_text("secret")
    return node


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:  # a disk in memory
        assert Path(name).stat().st_dev != tmp_path.stat().st_dev
        yield Path(name)


def in_backup(backup: Path, key: str) -> Path:
    return backup / "buckets" / "symbols" / key


def write(folder: Path, node: Node) -> Written:
    return write_backup(folder, node.paths, "0.9.0")


def test_a_backup_says_what_is_in_it(node: Node, folder: Path) -> None:
    written = write(folder, node)
    manifest = read_manifest(written.path)
    assert manifest == written.manifest
    assert (manifest.version, manifest.made_at[-1]) == ("0.9.0", "Z")
    assert [saved.kind for saved in manifest.files] == ["database", "secret_key"]
    [bucket] = manifest.buckets
    assert (bucket.name, bucket.location, bucket.objects, bucket.size) == (
        *("symbols", "buckets/symbols"),
        *(2, 11),
    )
    assert [saved.key for saved in read_objects(written.path / "buckets" / "symbols.jsonl")] == [
        KEY,
        OTHER_KEY,
    ]
    check_backup(written.path, manifest)


def test_nobody_else_can_read_a_backup(node: Node, folder: Path) -> None:
    backup = write(folder, node).path
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    own = [path for path in (*backup.iterdir(), *(backup / "buckets").iterdir()) if path.is_file()]
    assert len(own) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in own} == {0o600}


def test_files_on_the_same_disk_are_linked(node: Node, folder: Path) -> None:
    written = write(folder, node)
    assert written.copied == 0
    assert in_backup(written.path, KEY).samefile(node.bucket.folder / KEY)


def test_a_second_backup_on_another_disk_copies_what_is_new(node: Node, other_disk: Path) -> None:
    first = write(other_disk, node)
    node.bucket.put(KEY, b"\x1f\x8bnew", GZIP)
    second = write(other_disk, node)
    assert (first.copied, second.copied) == (2, 1)
    assert in_backup(second.path, OTHER_KEY).samefile(in_backup(first.path, OTHER_KEY))
    assert in_backup(first.path, KEY).read_bytes() == b"\x1f\x8babc"
    assert in_backup(second.path, KEY).read_bytes() == b"\x1f\x8bnew"
    for written in (first, second):
        check_backup(written.path, written.manifest)


def test_a_copy_keeps_time_and_mode(node: Node, other_disk: Path) -> None:
    original = node.bucket.folder / KEY
    original.chmod(0o640)
    copied = in_backup(write(other_disk, node).path, KEY).stat()
    assert (copied.st_mtime_ns, copied.st_mode) == (
        original.stat().st_mtime_ns,
        original.stat().st_mode,
    )


def test_a_backup_is_consistent_while_everything_is_written_to(node: Node, folder: Path) -> None:
    stop = threading.Event()

    def replace() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            node.bucket.put(KEY, b"\x1f\x8b" + b"x" * (number % 7), GZIP)
            # Two rows in one transaction: a copy has both or neither.
            node.execute("INSERT INTO row VALUES (7), (-7)")

    writer = threading.Thread(target=replace)
    writer.start()
    try:
        backups = [write(folder, node) for _ in range(10)]
    finally:
        stop.set()
        writer.join()
    for backup in backups:
        check_backup(backup.path, backup.manifest)
        saved = FolderBucket(backup.path / "buckets" / "symbols")
        assert {info.key: info.content for info in saved.list()} == {KEY: GZIP, OTHER_KEY: GZIP}
        with closing(sqlite3.connect(backup.path / "database.sqlite3")) as database:
            assert database.execute("SELECT coalesce(sum(number), 0) FROM row").fetchone() == (0,)


def test_an_object_that_is_replaced_between_it_and_its_sidecar_is_taken_anew(
    node: Node, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, replaced = os.link, []

    def link_and_replace(source: Path, target: Path) -> None:
        link(source, target)
        if source == node.bucket.folder / KEY and not replaced:
            replaced.append(node.bucket.put(KEY, b"\x1f\x8bnew", GZIP))

    # A writer that is so quick: by chance it would come here once in thousands of backups.
    monkeypatch.setattr(os, "link", link_and_replace)
    backup = write(folder, node).path
    assert FolderBucket(backup / "buckets" / "symbols").head(KEY) == replaced[0]


def test_a_file_by_hand_is_saved_with_its_digest(node: Node, folder: Path) -> None:
    by_hand = node.bucket.folder / "by hand.sym"
    by_hand.write_text("MODULE")
    (node.bucket.folder / os.fsdecode(b"\xff")).write_text("no key can be this")
    written = write(folder, node)
    assert written.left_out == 1
    in_backup(written.path, "by hand.sym").unlink()
    in_backup(written.path, "by hand.sym").write_text("module")
    with pytest.raises(BackupError, match=r"by hand\.sym"):
        check_backup(written.path, written.manifest)


def damage_database(backup: Path) -> None:
    with (backup / "database.sqlite3").open("r+b") as file:
        file.write(b"no database")


def damage_object(backup: Path) -> None:
    replace_file(in_backup(backup, KEY), b"\x1f\x8babd")


def remove_sidecar(backup: Path) -> None:
    [sidecar] = in_backup(backup, f".meta/objects/{KEY}").iterdir()
    sidecar.unlink()


def shorten_list(backup: Path) -> None:
    path = backup / "buckets" / "symbols.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def replace_file(path: Path, data: bytes) -> None:
    """Give the name to another file: the first one is the bucket's as well."""
    path.unlink()
    path.write_bytes(data)


Damage = Callable[[Path], None]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (damage_database, "database.sqlite3"),
        (lambda backup: (backup / "secret_key").unlink(), "secret_key"),
        (damage_object, KEY),
        (lambda backup: in_backup(backup, OTHER_KEY).unlink(), OTHER_KEY),
        (remove_sidecar, "json"),
        (shorten_list, "symbols.jsonl"),
    ],
    ids=["database", "key", "object", "no object", "sidecar", "list"],
)
def test_a_backup_that_is_not_whole_says_what_is_wrong(
    node: Node, folder: Path, damage: Damage, named: str
) -> None:
    written = write(folder, node)
    damage(written.path)
    with pytest.raises(BackupError, match=named):
        check_backup(written.path, written.manifest)


def test_without_contents_only_sizes_are_looked_at(node: Node, folder: Path) -> None:
    written = write(folder, node)
    damage_object(written.path)
    check_backup(written.path, written.manifest, contents=False)
    replace_file(in_backup(written.path, KEY), b"short")
    with pytest.raises(BackupError, match=r"xul\.sym"):
        check_backup(written.path, written.manifest)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "damaged"),
        ('{"format": 2}', "has the format 2, and this version reads 1"),
        ('{"format": 1}', "damaged"),
        (
            '{"format": 1, "version": "", "made_at": "", "files": [], "buckets": [{"name": "../x",'
            ' "place": "x", "objects": 0, "size": 0, "digest": ""}]}',
            r"names the bucket '\.\./x'",
        ),
        (
            '{"format": 1, "version": "", "made_at": "", "files": [], "buckets": [{"name": "x",'
            ' "place": "a/../../x", "objects": 0, "size": 0, "digest": ""}]}',
            "names the bucket 'x'",
        ),
    ],
    ids=["empty", "newer", "incomplete", "name", "place"],
)
def test_a_manifest_that_cannot_be_used_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(BackupError, match=reason):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '{"key": "../x", "size": 0, "mtime_ns": 0, "digest": "", "sidecars": {}}',
        '{"key": "x", "size": 0, "mtime_ns": 0, "digest": "", "sidecars": {"../1-2.json": ""}}',
    ],
)
def test_a_list_that_leads_elsewhere_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "list").write_text(f"{line}\n")
    with pytest.raises(BackupError, match="is damaged in line 1"):
        list(read_objects(tmp_path / "list"))


def test_without_a_database_there_is_nothing_to_save(node: Node, folder: Path) -> None:
    node.database.unlink()
    with pytest.raises(BackupError, match="no server has run with these settings"):
        write(folder, node)
    assert list(folder.iterdir()) == []


def test_what_a_killed_backup_left_is_no_backup(node: Node, folder: Path) -> None:
    left = write(folder, node).path.rename(folder / ".unfinished-abc")
    assert backups_in(folder) == []
    with pytest.raises(BackupError, match="has none in it"):
        find_backup(folder)
    remove_unfinished(folder)
    assert not left.exists()


def test_the_newest_backup_of_a_folder_is_found(node: Node, folder: Path) -> None:
    first, second = write(folder, node).path, write(folder, node).path
    assert find_backup(folder) == second
    assert find_backup(first) == first


def restore_bucket(backup: Path, target: Path) -> list[Path]:
    [saved] = read_manifest(backup).buckets
    restoring = RestoringBucket(backup, saved, target)
    with restoring.prepared():
        return restoring.put("then")


def test_a_restored_bucket_is_what_it_was(node: Node, folder: Path, tmp_path: Path) -> None:
    expected = list(node.bucket.list())
    assert restore_bucket(write(folder, node).path, tmp_path / "restored") == []
    assert list(FolderBucket(tmp_path / "restored").list()) == expected
    assert sorted(path.name for path in (tmp_path / "restored" / ".meta").iterdir()) == ["objects"]


def test_what_a_restored_bucket_replaces_is_kept(node: Node, folder: Path) -> None:
    backup = write(folder, node).path
    node.bucket.put(KEY, b"later", GZIP)
    node.bucket.put("v1/later", b"later", Content())
    [kept] = restore_bucket(backup, node.bucket.folder)
    assert [info.key for info in node.bucket.list()] == [KEY, OTHER_KEY]
    with FolderBucket(kept).open(KEY) as reader:
        assert (reader.read(), reader.info.content) == (b"later", GZIP)


def test_a_restore_that_fails_leaves_everything_as_it_was(node: Node, folder: Path) -> None:
    backup = write(folder, node).path
    node.bucket.put(KEY, b"later", GZIP)
    in_backup(backup, OTHER_KEY).unlink()
    with pytest.raises(BackupError, match="vanished"):
        restore_bucket(backup, node.bucket.folder)
    assert node.bucket.head(KEY).size == 5
    assert {path.name for path in (node.bucket.folder / ".meta").iterdir()} <= {
        *("objects", "tmp", "lock")
    }


def test_a_restored_file_is_its_owners_alone(node: Node, folder: Path, tmp_path: Path) -> None:
    backup = write(folder, node).path
    restoring = RestoringFile(backup / "database.sqlite3", node.database)
    node.execute("INSERT INTO row VALUES (1)")
    with restoring.prepared():
        [kept, *_] = restoring.put("then")
    assert node.execute("SELECT * FROM row") == []
    assert stat.S_IMODE(node.database.stat().st_mode) == 0o600
    with closing(sqlite3.connect(kept)) as before:
        assert before.execute("SELECT * FROM row").fetchall() == [(1,)]


def test_an_object_of_a_list_names_its_sidecars(node: Node, folder: Path) -> None:
    [first, _] = read_objects(write(folder, node).path / "buckets" / "symbols.jsonl")
    [sidecar] = (node.bucket.folder / ".meta" / "objects" / KEY).iterdir()
    assert first == SavedObject(
        *(KEY, 5, (node.bucket.folder / KEY).stat().st_mtime_ns),
        *(first.digest, {sidecar.name: first.sidecars[sidecar.name]}),
    )
