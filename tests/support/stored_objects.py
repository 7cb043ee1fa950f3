# SPDX-License-Identifier: MPL-2.0

"""What lies in the bucket of a started server, seen without the product."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mypy_boto3_s3 import S3Client
from mypy_boto3_s3.type_defs import ObjectTypeDef

_RESERVED = {".meta", ".index"}


class StoredObjects(Protocol):
    """The objects of a bucket; those below reserved folders are no keys."""

    def versions(self) -> dict[str, str]:
        """Return the keys, and of each a text that changes when it is written again."""

    def read(self, key: str) -> bytes:
        """Return the stored bytes."""

    def put(self, key: str, data: bytes) -> None:
        """Add an object, as somebody would by hand."""

    def delete(self, key: str) -> None:
        """Take an object away, as somebody would by hand."""

    def metadata(self, key: str) -> dict[str, str]:
        """Return the metadata of an object."""

    def indexes(self) -> set[tuple[str, str]]:
        """Return the key of an object and an id for each index."""


@dataclass(frozen=True)
class FolderObjects:
    """Those of a folder."""

    folder: Path

    def versions(self) -> dict[str, str]:
        paths = {
            str(path.relative_to(self.folder)): path
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        return {
            key: str(path.stat().st_mtime_ns)
            for key, path in paths.items()
            if not _RESERVED & set(Path(key).parts)
        }

    def read(self, key: str) -> bytes:
        return (self.folder / key).read_bytes()

    def put(self, key: str, data: bytes) -> None:
        (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / key).write_bytes(data)

    def delete(self, key: str) -> None:
        (self.folder / key).unlink()

    def metadata(self, key: str) -> dict[str, str]:
        version = (self.folder / key).stat()
        name = f"{version.st_size}-{version.st_mtime_ns}.json"
        sidecar = (self.folder / ".meta" / "objects" / key / name).read_text()
        metadata: dict[str, str] = json.loads(sidecar)["metadata"]
        return metadata

    def indexes(self) -> set[tuple[str, str]]:
        paths = (self.folder / "v1" / ".index").glob("*/*/*/*")
        return set(map(_parse_index, (str(path.relative_to(self.folder)) for path in paths)))


@dataclass(frozen=True)
class S3Objects:
    """Those of an S3 bucket."""

    client: S3Client
    name: str

    def versions(self) -> dict[str, str]:
        return {
            listed["Key"]: f"{listed['LastModified']} {listed['ETag']}"
            for listed in self._listed()
            if not _RESERVED & set(Path(listed["Key"]).parts)
        }

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def put(self, key: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=key)

    def metadata(self, key: str) -> dict[str, str]:
        return self.client.head_object(Bucket=self.name, Key=key)["Metadata"]

    def indexes(self) -> set[tuple[str, str]]:
        keys = (listed["Key"] for listed in self._listed("v1/.index/"))
        return set(map(_parse_index, keys))

    def _listed(self, prefix: str = "") -> Iterator[ObjectTypeDef]:
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.name, Prefix=prefix):
            yield from page.get("Contents", [])


def _parse_index(key: str) -> tuple[str, str]:
    """``v1/.index/<symbol key>/<id>``."""
    object_key, _, object_id = key.replace("/.index/", "/").rpartition("/")
    return object_key, object_id
