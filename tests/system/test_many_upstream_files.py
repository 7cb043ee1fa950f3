# SPDX-License-Identifier: MPL-2.0

"""A folder of very many files of other servers is brought within its bound, without a list of them in memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tecken.core.storage.filesystem import FolderBucket

FILES = 20_000
SIZE = 16
EVICT = """
import resource, sys
from pathlib import Path
from tecken.core.storage.filesystem import FolderBucket
from tecken.core.upstreams.eviction import evict

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count, left = evict(FolderBucket(Path(sys.argv[1])), "", int(sys.argv[2]))
print(count, left, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_the_oldest_of_many_files_go(tmp_path: Path) -> None:
    folder, now = tmp_path / "kept", time.time()
    for number in range(0, FILES, 20):  # twenty ids of each name
        of_name = folder / "server-0123abcd" / f"{number}.sym"
        of_name.mkdir(parents=True)
        for each in range(number, number + 20):
            path = of_name / str(each)
            path.write_bytes(b"x" * SIZE)
            os.utime(path, (now - FILES + each, now - FILES + each))
    command = [sys.executable, "-c", EVICT, folder, str(FILES * SIZE * 9 // 10)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    count, left, kibibytes = map(int, done.stdout.split())
    assert (count, left) == (FILES * 19 // 100, FILES * SIZE * 81 // 100)
    oldest = min(int(listed.key.rpartition("/")[2]) for listed in FolderBucket(folder).list())
    assert abs(oldest - count) < FILES // 50
    assert kibibytes < 3 * 1024  # a list of all would take 5
