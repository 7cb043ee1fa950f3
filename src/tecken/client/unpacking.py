# SPDX-License-Identifier: MPL-2.0

"""Unpack what builds are handed out as: tars, packed in any usual way, and zips."""

import lzma
import sys
import zipfile
import zlib
from pathlib import Path

from tecken.client.errors import ClientError

# That of Python 3.14: others know no zstd, and before 3.11.4, which Debian 12 does not have, nothing keeps members in the folder.
if sys.version_info >= (3, 14):
    import tarfile

    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError, tarfile

# Not .tar.bz2: in that form symbol stores keep a dSYM.
_TAR_ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz")
_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    ZstdError,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    zlib.error,
)


def is_tar(path: Path) -> bool:
    """Say whether a file is a tar, by its name."""
    return path.name.lower().endswith(_TAR_ENDINGS) and path.is_file()


def is_zip(path: Path) -> bool:
    """Say whether a file is a zip, by its name."""
    return path.suffix.lower() == ".zip" and path.is_file()


def unpack(path: Path, folder: Path) -> None:
    """Unpack a tar or zip into a folder; nothing gets out of that.

    Raises ClientError for one that cannot be read, and OSError.
    """
    try:
        if is_zip(path):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)  # noqa: S202 - it takes what leads out of names
        else:
            with tarfile.open(path) as tar:
                tar.extractall(folder, filter="data")
    except _UNREADABLE as error:
        raise ClientError(f"{path} cannot be unpacked: {error}") from error
