# SPDX-License-Identifier: MPL-2.0

"""Files without a name, for what works on files of the system alone."""

import os
import tempfile
from io import FileIO
from pathlib import Path


class NamelessFile(FileIO):
    """A file that begins with ``data`` and goes when nobody knows of it any more."""

    def __init__(self, data: bytes = b"") -> None:
        descriptor, name = tempfile.mkstemp()
        super().__init__(descriptor, "r+b")
        Path(name).unlink()
        assert os.pwrite(descriptor, data, 0) == len(data)

    def __del__(self) -> None:
        self.close()
