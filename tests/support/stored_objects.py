# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What lies in the bucket of a started server, seen without the product."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mypy_boto3_s3 import S3Client

_RESERVED = {".meta", ".index"}


class StoredObjects(Protocol):
    """The objects of a bucket, without those below reserved folders."""

    def versions(self) -> dict[str, str]:
        """Return the keys, and of each a text that changes when it is written again."""

    def read(self, key: str) -> bytes:
        """Return the stored bytes."""


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


@dataclass(frozen=True)
class S3Objects:
    """Those of an S3 bucket."""

    client: S3Client
    name: str

    def versions(self) -> dict[str, str]:
        answer = self.client.list_objects_v2(Bucket=self.name)
        assert not answer["IsTruncated"]
        return {
            listed["Key"]: f"{listed['LastModified']} {listed['ETag']}"
            for listed in answer.get("Contents", [])
            if not _RESERVED & set(Path(listed["Key"]).parts)
        }

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
