# SPDX-License-Identifier: MPL-2.0

"""Journals of misses and counts: lines of JSON, and how they come into the database."""

import logging
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

import msgspec

from tecken.core.journal import Journal
from tecken.download.misses import Downloads, Miss
from tecken.download.services import add_downloads, store_misses

logger = logging.getLogger(__name__)

_LINES_AT_ONCE = 1000

line_of = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Miss | Downloads)


def store_journal(journal: Journal) -> set[date]:
    """Bring all of a journal into the database, and remove it. Raises DatabaseError.

    Return the days that take no more misses.

    Misses may be stored twice without harm. Counts may not, so they are added last, at once: only a
    process that is killed between that and the removal has them counted again.
    """
    records = _records(journal)
    counted: list[Downloads] = []
    full: set[date] = set()
    while batch := list(islice(records, _LINES_AT_ONCE)):
        full |= store_misses(record for record in batch if isinstance(record, Miss))
        counted += (record for record in batch if isinstance(record, Downloads))
    if counted:
        add_downloads(counted)
    journal.drop()
    return full


def _records(journal: Journal) -> Iterator[Miss | Downloads]:
    for line in journal.lines():
        try:
            yield _decoder.decode(line)
        except msgspec.DecodeError as error:  # a disk was full, or a machine lost its power
            logger.warning("a line about downloads cannot be read: %s", error)


def append_all(journal: Journal, records: Iterable[Downloads]) -> None:
    """Add records to a journal. Raises OSError."""
    for record in records:
        journal.append(line_of(record))
