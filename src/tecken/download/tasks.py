# SPDX-License-Identifier: MPL-2.0

"""The background tasks of downloads."""

from tecken.download import retention
from tecken.jobs.cleaning import cleaning


@cleaning("download.remove_missing_days", "days of missing symbols")
def remove_missing_days(*, dry_run: bool) -> int:
    return retention.remove_days(dry_run=dry_run)


@cleaning("download.remove_missing_symbols", "missing symbols that nobody asks for any more")
def remove_missing_symbols(*, dry_run: bool) -> int:
    return retention.remove_symbols(dry_run=dry_run)
