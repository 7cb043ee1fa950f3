# SPDX-License-Identifier: MPL-2.0

"""Two nodes that share everything but their data folders."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.support.started_server import StartedServer


@contextmanager
def two_nodes(
    scale_out: Callable[[StartedServer], None],
    folder: Path,
    *,
    workers: int = 2,
    **settings: str,
) -> Iterator[list[StartedServer]]:
    """Start two of so many processes, with these settings on top of those that scale them out."""
    first = StartedServer(folder / "node0", workers=workers)
    scale_out(first)
    first.settings |= settings
    second = replace(first, data_dir=folder / "node1", settings=dict(first.settings))
    started = [first, second]
    try:
        for node in started:
            node.begin()
        yield started
    finally:
        for node in started:
            node.stop(signal.SIGKILL)
