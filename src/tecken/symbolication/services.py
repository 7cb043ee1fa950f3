# SPDX-License-Identifier: MPL-2.0

"""The symbol tables of this process, and what a request needs of them."""

import threading
from collections.abc import Sequence
from functools import cache

from django.conf import settings

from tecken.core.concurrency.later import LaterThread
from tecken.core.symbolicate import Job, Module
from tecken.core.table_suppliers import Supplier
from tecken.core.tiers.memory import MemoryTier
from tecken.core.tiers.node import NodeTier
from tecken.core.tiers.shared import SharedTier
from tecken.core.tiers.written_back import WrittenBack
from tecken.symbolication.limits import Limits
from tecken.symbolication.rendered_cache import RenderedCache
from tecken.web.locator import locator
from tecken.web.redis import redis_of
from tecken.web.sources import all_sources, source_pauses, writers_of

_making = threading.Lock()
rendered = RenderedCache()


def node_tier() -> NodeTier:
    """Return the folder of symbols that the processes of this node share."""
    return NodeTier(settings.DATA_DIR / "symbolication", settings.SYMBOLICATION_STORE_MAX_BYTES)


@cache
def supplier() -> Supplier:
    """Return the supplier of this process.

    The try source is always asked, after all regular buckets: stacks of try builds carry no flag, and so it
    overrides nothing.
    """
    asked = all_sources()
    store = redis_of("store")
    return Supplier(
        asked,
        MemoryTier(settings.SYMBOLICATION_MEMORY_MAX_BYTES),
        node_tier(),
        locator(),
        SharedTier(store, [source.url for source in asked]) if store else None,
        later=LaterThread("symbol-files"),
        pauses=source_pauses(),
        written=WrittenBack(writers_of(asked)),
    )


def memory_taken() -> tuple[int, int]:
    """Return how many symbol tables this process has in memory, and about what they take in bytes.

    What was rendered of their symbols is counted with them.
    """
    if not supplier.cache_info().currsize:
        return 0, 0
    tables, taken = supplier().memory_taken()
    return tables, taken + rendered.memory_bytes


def trim() -> None:
    """Keep memory within its bounds, after lookups. What was rendered may take what the tables leave."""
    rendered.trim(settings.SYMBOLICATION_MEMORY_MAX_BYTES - supplier().trim())


def supplier_for(jobs: Sequence[Job]) -> Supplier:
    """Return what supplies the modules of a request."""
    with _making:  # those that come first, at the same moment, must share one
        shared = supplier()
    code_ids: dict[Module, str] = {}
    for job in jobs:
        code_ids = {**job.code_ids, **code_ids} if job.code_ids else code_ids
    return shared.for_modules((module for job in jobs for module in job.modules), code_ids)


@cache
def limits() -> Limits:
    """Return the limits of the settings."""
    return Limits(
        body_bytes=settings.SYMBOLICATION_MAX_BODY_BYTES,
        jobs=settings.SYMBOLICATION_MAX_JOBS,
        modules=settings.SYMBOLICATION_MAX_MODULES,
        stacks=settings.SYMBOLICATION_MAX_STACKS,
        frames=settings.SYMBOLICATION_MAX_FRAMES,
        answer_bytes=settings.SYMBOLICATION_MAX_ANSWER_BYTES,
        seconds=settings.SYMBOLICATION_MAX_SECONDS,
    )
