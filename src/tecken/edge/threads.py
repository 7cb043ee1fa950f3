# SPDX-License-Identifier: MPL-2.0

"""The threads of a worker process: they compute, and never wait for a client."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tecken.edge.application import Chunks

# Short requests need threads that long ones leave free; docs/adr/0002-server.md has the figures.
VIEW_THREADS = 16
# Requests with a large body are judged and answered here: hundreds of them wait for each other, and
# small ones for none of them. Each thread that computes makes them wait for Python's lock, so few do.
JUDGING_THREADS = 1
LARGE_THREADS = 4
UPLOAD_THREADS = 8  # archives are stored here, for seconds or minutes each; more of them wait
DISK_THREADS = 4  # chunks of bodies to temporary files, and of files to answers
FAR_THREADS = 8  # chunks that another server is asked for, seconds each when it is slow

Result = TypeVar("Result")


class Threads:
    """An executor for each kind of work, so that it does not wait for another."""

    def __init__(self) -> None:
        self.views = ThreadPoolExecutor(VIEW_THREADS, "view")
        self.judging = ThreadPoolExecutor(JUDGING_THREADS, "judging")
        self.large = ThreadPoolExecutor(LARGE_THREADS, "large")
        self.uploads = ThreadPoolExecutor(UPLOAD_THREADS, "upload")
        self.disk = ThreadPoolExecutor(DISK_THREADS, "disk")
        self.far = ThreadPoolExecutor(FAR_THREADS, "far")

    def of_chunks(self, chunks: Chunks) -> ThreadPoolExecutor:
        """Return where chunks of an answer are made."""
        return self.far if chunks.is_far else self.disk


async def run_in(
    executor: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object
) -> Result:
    """Call something in a thread, and return what it returns."""
    return await asyncio.get_running_loop().run_in_executor(executor, work, *arguments)
