# SPDX-License-Identifier: MPL-2.0

"""What was measured on ``radosgw`` (177 MB of text), for the generator and its test."""

from collections.abc import Iterator, Sequence

# What `measure_distribution` says of radosgw, as far as the generator imitates it.
RADOSGW: dict[str, float] = {
    "bytes FILE": 0.0005246,
    "bytes INLINE_ORIGIN": 0.2487,
    "bytes FUNC": 0.04695,
    "bytes line": 0.1574,
    "bytes INLINE": 0.4862,
    "bytes PUBLIC": 0.01067,
    "bytes STACK": 0.0495,
    "length of FILE names, mean": 55.46,
    "length of INLINE_ORIGIN names, mean": 548.3,
    "length of INLINE_ORIGIN names, p50": 203,
    "length of INLINE_ORIGIN names, p90": 1187,
    "length of FUNC names, mean": 309,
    "length of FUNC names, p50": 98,
    "length of FUNC names, p90": 824,
    "length of PUBLIC names, mean": 317.3,
    "lines of a FUNC, mean": 62.02,
    "lines of a FUNC, p50": 24,
    "lines of a FUNC, p90": 147,
    "lines of a FUNC, p99": 556,
    "INLINEs of a FUNC, mean": 85.22,
    "INLINEs of a FUNC, p50": 31,
    "INLINEs of a FUNC, p90": 206,
    "INLINEs of a FUNC, p99": 849,
    "bytes of a FUNC's records, mean": 4501,
    "bytes of a FUNC's records, p50": 1821,
    "bytes of a FUNC's records, p90": 1.076e04,
    "bytes of a FUNC's records, p99": 4.015e04,
    "size of a FUNC, mean": 514.3,
    "size of a FUNC, p50": 162,
    "FUNCs that repeat the INLINEs before": 0.1961,
    "FUNCs out of order": 0.197,
    "FUNCs with m": 0.4965,
    "level of an INLINE, mean": 3.961,
    "level of an INLINE, p90": 9,
    "ranges of an INLINE, mean": 1.751,
    "ranges of an INLINE, p90": 3,
    "size of a range that is not empty, mean": 25.04,
    "size of a range that is not empty, p50": 11,
    "empty ranges": 0.2907,
    "INLINEs with empty ranges only": 0.325,
    "ranges outside their FUNC": 0.3763,
    "deflate ratio": 7.789,
}

# Share of the bytes that functions of two chunks take, with all their records, and those of one.
SHARE_OF_SPLIT = 0.463
SHARE_OF_SINGLE = 0.2276
# Measured values at these points of a sorted list; `at` fills the gaps.
POINTS = (0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1)
FUNCTION_NAME = (4, 10, 25, 33, 48, 98, 284, 824, 1524, 2468, 4431, 12492)
ORIGIN_NAME = (6, 29, 41, 57, 98, 203, 515, 1187, 2218, 5509, 14026, 35513)
PUBLIC_NAME = (5, 26, 35, 41, 60, 104, 256, 899, 1705, 2276, 4106, 8538)
FILE_NAME = (22, 27, 35, 38, 47, 55, 64, 72, 77, 90, 95, 97)
SINGLE_INLINES = (0, 0, 0, 0, 1, 10, 45, 111, 169, 340, 763, 14514)
SPLIT_INLINES = (0, 2, 10, 17, 36, 77, 175, 364, 557, 1176, 2078, 3375)
SINGLE_LINES = (1, 2, 2, 2, 4, 19, 55, 110, 164, 356, 826, 1941)
COLD_LINES = (0, 1, 1, 2, 3, 9, 22, 52, 68, 124, 355, 411)
HOT_LINES = (1, 9, 21, 29, 50, 89, 173, 350, 502, 1063, 4271, 7869)
LINE_SIZE = (1, 1, 2, 3, 4, 6, 9, 14, 20, 34, 60, 500)
LINE_NUMBER = (4, 31, 53, 84, 180, 350, 809, 1930, 2656, 7715, 14913, 15958)
CALL_LINE = (4, 31, 64, 100, 209, 449, 736, 1436, 2169, 4138, 8848, 12488)

# Runs of line records that a call takes.
RUNS = (1, 1, 1, 1, 1, 2, 3, 4, 6, 12, 20, 61)

# An INLINE's level goes one deeper, stays, or comes back by several.
DEEPER, SAME = 0.81, 0.11
# Where the outer call has nothing left, mostly none is made in it, else one with an empty range.
USED_UP = 0.8
EMPTY_CALLS = 0.04
EXTRA_EMPTY_RANGE = 0.15
# Calls at level 0 per INLINE record, which share a function; what an inner call takes of what its
# outer one has left.
TOP_LEVEL_CALLS = 0.1
INNER_SHARE = 2.2
# 73 % of the INLINE records name one of the 1 % most popular origins, the rest any of the others.
# The popular ones come in a few calls that are found everywhere, as those of strings and vectors.
POPULAR_RECORDS, POPULAR_ORIGINS = 0.73, 0.01
# 62 % of the INLINE and line records name one of the 1 % most popular files.
POPULAR_FILES = 0.62
# Line records of such inlined code; of the others, how many repeat the line before.
POPULAR_LINES, SAME_LINE = 0.45, 0.5

_GOLDEN = 0.6180339887498949


def at(table: Sequence[int], u: float) -> int:
    """Return the value at the point ``u`` (0 to 1) of a measured distribution."""
    upper = next(i for i in range(1, len(POINTS)) if u <= POINTS[i])
    low, high = table[upper - 1], table[upper]
    part = (u - POINTS[upper - 1]) / (POINTS[upper] - POINTS[upper - 1])
    # Distributions here are steep at the end: half way between 800 and 8,000 lies nearer to 800.
    return int(((low + 1) ** (1 - part)) * ((high + 1) ** part) - 0.5)


def spread_evenly(start: float) -> Iterator[float]:
    """Yield numbers between 0 and 1 that any run of covers evenly (golden ratio steps)."""
    u = start
    while True:
        u = (u + _GOLDEN) % 1
        yield u
