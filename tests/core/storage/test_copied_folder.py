# SPDX-License-Identifier: MPL-2.0

"""A bucket's folder that was copied: whatever copies it, its objects are what they were."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tecken.core.storage.base import Content, ObjectInfo
from tecken.core.storage.filesystem import FolderBucket

KEY = "v1/xul.pdb/ABC1/xul.sym"
TEXT = Content("text/plain", "gzip", {"original_size": "3"})
PACKED = gzip.compress(b"MODULE windows x86_64 ABC1 xul.pdb\n", mtime=0)
LONG_AGO_NS = 10**18

Copy = Callable[[Path, Path], None]


def by_cp(source: Path, target: Path) -> None:
    subprocess.run(["/bin/cp", "-r", source, target], check=True)


def by_tar(source: Path, target: Path) -> None:
    """Keep the times to the second, as tar does unless it is told to do more."""
    target.mkdir()
    packed = subprocess.run(
        ["/bin/tar", "--format=gnu", "-cf", "-", "-C", source, "."], check=True, capture_output=True
    )
    subprocess.run(["/bin/tar", "-xf", "-", "-C", target], input=packed.stdout, check=True)


def by_hand(source: Path, target: Path) -> None:
    """Give all files one time, as a checkout or an unpacked image may."""
    shutil.copytree(source, target)
    for path in target.rglob("*"):
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


@pytest.fixture
def original(tmp_path: Path) -> FolderBucket:
    folder = tmp_path / "original"
    folder.mkdir()
    bucket = FolderBucket(folder)
    bucket.put(KEY, PACKED, TEXT)
    return bucket


@pytest.fixture
def copied(original: FolderBucket, tmp_path: Path) -> FolderBucket:
    """A copy whose files have other times."""
    by_hand(original.folder, tmp_path / "copied")
    return FolderBucket(tmp_path / "copied")


def what_is_known(info: ObjectInfo, of: ObjectInfo) -> ObjectInfo:
    """All but the time."""
    return replace(info, last_modified=of.last_modified)


def sidecars_of(bucket: FolderBucket) -> list[Path]:
    return list((bucket.folder / ".meta" / "objects" / KEY).iterdir())


@pytest.mark.parametrize("copy", [by_cp, by_tar, by_hand])
def test_a_copy_has_what_is_known_of_its_objects(
    original: FolderBucket, tmp_path: Path, copy: Copy
) -> None:
    copy(original.folder, tmp_path / "copied")
    bucket = FolderBucket(tmp_path / "copied")
    expected = original.head(KEY)
    assert what_is_known(bucket.head(KEY), expected) == expected
    with bucket.open(KEY, if_match=expected.etag) as reader:
        assert reader.read() == PACKED


def test_a_copied_object_is_read_once(copied: FolderBucket) -> None:
    expected = copied.head(KEY)
    assert expected.content == TEXT
    for sidecar in sidecars_of(copied):
        if not sidecar.name.startswith(f"{len(PACKED)}-{LONG_AGO_NS}"):
            sidecar.unlink()
    assert FolderBucket(copied.folder).head(KEY) == expected


def test_a_sweep_keeps_the_sidecar_of_a_copied_object(
    original: FolderBucket, copied: FolderBucket
) -> None:
    copied.sweep_metadata(0)
    expected = original.head(KEY)
    assert what_is_known(copied.head(KEY), expected) == expected
    copied.sweep_metadata(0)
    assert len(sidecars_of(copied)) == 1


def test_a_copy_that_cannot_link_keeps_its_sidecars(
    original: FolderBucket, copied: FolderBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)  # a file system without links: none is to be had here
    copied.sweep_metadata(0)
    expected = original.head(KEY)
    assert what_is_known(FolderBucket(copied.folder).head(KEY), expected) == expected


def test_what_replaces_a_copied_object_by_hand_is_no_such_object(copied: FolderBucket) -> None:
    other = bytearray(PACKED)
    other[-1] ^= 1
    (copied.folder / KEY).write_bytes(other)
    assert copied.head(KEY).content == Content()
    copied.sweep_metadata(0)
    assert not (copied.folder / ".meta" / "objects" / KEY).exists()


def test_a_copied_object_is_replaced_over_its_etag(
    original: FolderBucket, copied: FolderBucket
) -> None:
    with copied.create(KEY, TEXT) as writer:
        writer.write(b"new")
        writer.publish(original.head(KEY).etag)
    assert copied.head(KEY) == writer.info
    copied.delete(KEY)
    copied.sweep_metadata(0)
    assert not (copied.folder / ".meta" / "objects" / KEY).exists()


def test_the_etag_is_of_the_bytes_and_of_what_they_are(original: FolderBucket) -> None:
    etag = original.head(KEY).etag
    assert original.put(KEY, PACKED, TEXT).etag == etag
    with original.create(KEY, TEXT) as writer:
        for byte in PACKED:
            writer.write(bytes([byte]))
    assert writer.info.etag == etag
    others = [
        (PACKED + b"x", TEXT),
        (PACKED, replace(TEXT, content_encoding=None)),
        (PACKED, replace(TEXT, content_type="text/html")),
        (PACKED, replace(TEXT, metadata={"original_size": "4"})),
    ]
    assert len({etag, *(original.put(KEY, *other).etag for other in others)}) == 5


OLD_SIDECAR = (
    b'{"content_type":"text/plain","content_encoding":"gzip","metadata":{"original_size":"3"}}'
)


@pytest.mark.parametrize(
    ("data", "content"),
    [(PACKED, TEXT), (bytes(len(PACKED)), Content())],
    ids=["gzip", "something else"],
)
def test_a_sidecar_without_digest_is_believed_for_what_is_gzip(
    copied: FolderBucket, data: bytes, content: Content
) -> None:
    """Those of versions before 0.9."""
    (copied.folder / KEY).write_bytes(data)
    for sidecar in sidecars_of(copied):
        sidecar.write_bytes(OLD_SIDECAR)
    assert copied.head(KEY).content == content
