# SPDX-License-Identifier: MPL-2.0

"""What the edge allows clients. Seconds, bytes, and counts for each worker process."""

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

MEMORY_BODY_BYTES = 64 * 1024  # a body up to this size is kept in memory
MAX_HEAD_BYTES = 64 * 1024  # request line and headers
MAX_HEADERS = 256
# What a chunked body may have beside its bytes: five for a chunk of one byte, and extensions.
EXTRA_BYTES_A_BYTE = 8
MAX_WAITING_REQUESTS = 100  # that a client sends before it has the answer to the first
CHUNK_BYTES = 64 * 1024  # of an answer: what is between us and a client that does not read
RATE_AFTER_SECONDS = 30.0  # a body may be slow for as long
DRAIN_IDLE_SECONDS = 5.0  # how long a client that was refused may send nothing
DRAIN_SECONDS = 60.0  # and how long it may go on
LEAVING_IDLE_SECONDS = 5.0  # how long a client may stall that a worker waits for before it ends


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """The settings of the edge; ``docs/limits.md`` says what each is for."""

    header_seconds: float = 15.0
    body_idle_seconds: float = 15.0
    body_min_bytes_per_second: int = 1024
    body_max_seconds: float = 3600.0
    answer_idle_seconds: float = 60.0
    max_connections: int = 4096
    spool_max_bytes: int = 2 * 1024**3
    min_free_bytes: int = 0
    spool_folder: Path = field(default_factory=lambda: Path(gettempdir()))
