# SPDX-License-Identifier: MPL-2.0

"""``/__benchmarking__/caching-vs-boto/``: how long asking storage takes, and asking the caches.

Nothing starts without the setting or a superuser, and a run ends by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean, median
from time import perf_counter

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tecken.accounts.permissions import require_superuser
from tecken.core.errors import InvalidFieldsError, InvalidNameError, NotPermittedError
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.locator import is_stored
from tecken.web.responses import json_response
from tecken.web.sources import sources

MEASURES = ("storage", "default", "store")
MAX_ITERATIONS = 1000
MAX_SECONDS = 10.0  # for each of the measures
_DEFAULT_ITERATIONS = 10
_CACHED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Asked:
    key: SymbolKey
    iterations: int
    measures: list[str]


@require_safe
@never_cache
def caching_vs_boto(request: HttpRequest) -> HttpResponse:
    """Ask storage once, prime the caches, and time ``iterations`` existence checks of each."""
    if not settings.BENCHMARKING_ENABLED:
        try:
            require_superuser(request)
        except NotPermittedError:
            return HttpResponse("benchmarking disabled\n", "text/plain; charset=utf-8", 403)
    asked = _parse(request)
    found = _is_stored(asked.key)
    results = {name: _time(_check(name, asked.key, found), asked) for name in asked.measures}
    return json_response({"found_in_s3": found, "measure": asked.measures, "results": results})


def _parse(request: HttpRequest) -> _Asked:
    try:
        key = SymbolKey.parse(request.GET.get("symbol_path", ""))
    except InvalidNameError as error:
        raise InvalidFieldsError({"symbol_path": [str(error)]}) from error
    text = request.GET.get("iterations", str(_DEFAULT_ITERATIONS))
    if (
        not text.isascii()
        or not text.isdigit()
        or len(text) > 4
        or not 1 <= int(text) <= MAX_ITERATIONS
    ):
        raise InvalidFieldsError({"iterations": [f"must be a number from 1 to {MAX_ITERATIONS}"]})
    measures = [name for name in request.GET.get("measure", "").split(",") if name]
    if not set(measures) <= set(MEASURES):
        raise InvalidFieldsError({"measure": [f"may have {', '.join(MEASURES)}"]})
    return _Asked(key, int(text), list(dict.fromkeys(measures)) or list(MEASURES))


def _check(name: str, key: SymbolKey, found: bool) -> Callable[[], object]:
    """Return an existence check; a cache is primed for it."""
    if name == "storage":
        return lambda: _is_stored(key)
    cache, cache_key = caches[name], f"benchmarking:{key}"
    cache.set(cache_key, found, _CACHED_SECONDS)
    return lambda: cache.get(cache_key)


def _time(check: Callable[[], object], asked: _Asked) -> dict[str, float]:
    """Call a check, until it was called often enough or has taken long enough."""
    times: list[float] = []
    while len(times) < asked.iterations and sum(times) < MAX_SECONDS:
        started = perf_counter()
        check()
        times.append(perf_counter() - started)
    return {"calls": len(times), "sum": sum(times), "mean": mean(times), "median": median(times)}


def _is_stored(key: SymbolKey) -> bool:
    return any(is_stored(source, key) for source in sources())
