# SPDX-License-Identifier: MPL-2.0

import re
from xml.etree import ElementTree

from benchmarks.clients import Percentiles
from benchmarks.plots import Series, log_plot


def test_percentiles_are_values_that_were_measured() -> None:
    hundred = Percentiles.of(range(100, 0, -1))
    assert (hundred.p50, hundred.p95, hundred.p99) == (51, 96, 100)
    assert Percentiles.of([3.0, 1.0]) == Percentiles(3.0, 3.0, 3.0)


def test_a_plot_has_a_line_of_each_series_on_logarithmic_axes() -> None:
    steep = Series("a < b", [(1, 1), (10, 10), (100, 100)])
    flat = Series("flat", [(1, 10), (100, 10), (1_000, 0)])
    drawn = log_plot("title", "x", [steep, flat])
    plot = ElementTree.fromstring(drawn)  # noqa: S314 - it was just drawn here
    lines = [
        [tuple(map(float, place.split(","))) for place in line.attrib["points"].split()]
        for line in plot.iter("{http://www.w3.org/2000/svg}polyline")
    ]
    [(x1, y1), (x2, y2), (x3, y3)], level = lines
    assert round(x2 - x1) == round(x3 - x2) > 0
    assert round(y1 - y2) == round(y2 - y3) > 0
    assert level == [(x1, y2), (x3, y2)]
    assert "a < b" in re.sub("<[^>]*>", "\n", ElementTree.tostring(plot, "unicode")).replace(
        "&lt;", "<"
    )
