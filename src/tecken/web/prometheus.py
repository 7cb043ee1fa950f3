# SPDX-License-Identifier: MPL-2.0

"""``GET /metrics``: the metrics of all processes of this server, as Prometheus reads them.

Without ``DJANGO_METRICS_TOKEN`` only this machine is answered, and only directly: a proxy on it passes
on requests of everybody. Who is not meant sees what an address shows that does not exist. With a
token, one that is wrong is answered 401 and not 404: that there are metrics is in the documents, and
the list of targets in Prometheus then says what is wrong. RFC 6750 has the header.
"""

import hmac
from collections.abc import Iterable, Iterator
from itertools import accumulate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import Metric as Family
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from tecken.web.build_info import build_info
from tecken.web.clients import parse_address
from tecken.web.errors import not_found
from tecken.web.gauges import Sample, read
from tecken.web.metric_values import TALLIES
from tecken.web.metrics import BUCKETS, BUILD, METRICS, Counter, Gauge, Metric, Timer
from tecken.web.private import open_to_all
from tecken.web.responses import json_error

_PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_BOUNDS = (*map(str, BUCKETS), "+Inf")

# The cells of each combination of labels that a metric has.
Cells = dict[tuple[str, ...], list[float]]


@open_to_all
@csrf_exempt
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all metrics in the text format that every version of Prometheus reads."""
    if settings.METRICS_TOKEN:
        if not _has_token(request):
            refusal = json_error("The token of DJANGO_METRICS_TOKEN is needed as a Bearer", 401)
            refusal["WWW-Authenticate"] = "Bearer"
            return refusal
    elif not _is_from_here(request):
        return not_found(request)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_All())
    response = HttpResponse(generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4)
    response["Cache-Control"] = "no-store"
    return response


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted: str = settings.METRICS_TOKEN
    sent = token.strip().encode("latin-1", "replace")  # the bytes of the header (PEP 3333)
    is_right = hmac.compare_digest(sent, wanted.encode())
    return scheme.lower() == "bearer" and is_right


def _is_from_here(request: HttpRequest) -> bool:
    if any(header in request.headers for header in _PROXY_HEADERS):
        return False
    peer = parse_address(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and peer.is_loopback  # a Unix socket has none, and a proxy stands there


class _All(Collector):
    """What a scrape sees: what was counted, and what is looked up for it."""

    def collect(self) -> Iterator[Family]:
        counted: dict[str, Cells] = {}
        for (key, *labels), cells in TALLIES.totals().items():
            counted.setdefault(key, {})[tuple(labels)] = cells
        for sample in (*read(), Sample(BUILD, (build_info()["version"],), 1.0)):
            counted.setdefault(sample.gauge.key, {})[sample.labels] = [sample.value]
        for metric in METRICS:
            found = counted.get(metric.key, {})
            if not metric.labels and not isinstance(metric, Gauge):
                found = found or {(): [0.0] * (len(_BOUNDS) + 1)}  # nothing has happened yet
            yield _family(metric, sorted(found.items()))


def _family(metric: Metric, found: Iterable[tuple[tuple[str, ...], list[float]]]) -> Family:
    help_text = metric.meaning.replace("`", "")
    match metric:
        case Counter():
            counter = CounterMetricFamily(metric.name, help_text, labels=metric.labels)
            for labels, cells in found:
                counter.add_metric(labels, cells[0])
            return counter
        case Gauge():
            gauge = GaugeMetricFamily(metric.name, help_text, labels=metric.labels)
            for labels, cells in found:
                gauge.add_metric(labels, cells[0])
            return gauge
        case Timer():
            histogram = HistogramMetricFamily(metric.name, help_text, labels=metric.labels)
            for labels, (*counts, total) in found:
                buckets = list(zip(_BOUNDS, accumulate(counts), strict=True))
                histogram.add_metric(labels, buckets, total)
            return histogram
