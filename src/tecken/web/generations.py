# SPDX-License-Identifier: MPL-2.0

"""The generations that all worker processes share: of this server, or of all nodes by Redis."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import FileGenerations, Generations, RedisGenerations
from tecken.env import SettingError
from tecken.web.redis import patient, redis_of


def generations() -> Generations:
    """Return the generations of symbol keys, to be asked before a cached answer is used."""
    return _open(settings.CACHES["default"]["LOCATION"], settings.DATA_DIR)


def prepare_generations() -> None:
    """Make what holds the generations of this server. Raises SettingError when there is no room."""
    shared = generations()
    if not isinstance(shared, FileGenerations):
        return
    try:
        shared.prepare()
    except OSError as error:
        reason = f"has no room for generations ({FileGenerations.BYTES // 10**6} MB): {error}"
        raise SettingError("TECKEN_DATA_DIR", reason) from error


def raise_generations(keys: Sequence[SymbolKey]) -> None:
    """Note that symbol keys have new content."""
    generations().raise_([str(key) for key in keys])


@lru_cache(maxsize=4)
def _open(_default_cache: str, data_dir: Path) -> Generations:
    redis = redis_of("default")
    if redis is None:
        return FileGenerations(data_dir / "generations")
    uncertain_seconds = settings.REDIS_UNCERTAIN_SECONDS
    return RedisGenerations(redis, patient(redis), uncertain_seconds=uncertain_seconds)
