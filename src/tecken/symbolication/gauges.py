# SPDX-License-Identifier: MPL-2.0

"""What the symbol tables of this process, and of this node, take, for metrics."""

from collections.abc import Iterator

from django.conf import settings

from tecken.symbolication.services import memory_taken, node_tier
from tecken.web.gauges import Sample
from tecken.web.metrics import MEMORY_BYTES, MEMORY_TABLES, NODE_BYTES, NODE_MAX_BYTES


def measure_memory() -> None:
    """Set the gauges of the tables in memory."""
    tables, taken = memory_taken()
    MEMORY_TABLES.set(tables)
    MEMORY_BYTES.set(taken)


def node_samples() -> Iterator[Sample]:
    """Yield what the node's folder has, as its table says: nobody looks through the folder."""
    yield Sample(NODE_MAX_BYTES, (), settings.SYMBOLICATION_STORE_MAX_BYTES)
    yield Sample(NODE_BYTES, (), node_tier().taken_bytes())
