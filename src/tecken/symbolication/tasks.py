# SPDX-License-Identifier: MPL-2.0

"""The background tasks of symbolication."""

from tecken.jobs.cleaning import cleaning
from tecken.symbolication import minidump_body


@cleaning(
    "symbolication.sweep_minidumps",
    "temporary files of killed minidumps",
    time_limit_seconds=600,
    every_seconds=120,
)
def sweep_minidumps(*, dry_run: bool) -> int:
    return minidump_body.sweep_minidumps(dry_run=dry_run)
