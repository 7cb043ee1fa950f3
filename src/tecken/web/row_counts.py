# SPDX-License-Identifier: MPL-2.0

"""Counting the rows that belong to each row of a list, in the query of the list."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery


class CountOf(Subquery):
    """How many rows a query has that refers to the row outside by ``OuterRef``.

    One that is sliced is not counted to its end: ``rows[:1001]`` gives 1001 at most.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: "QuerySet[Any, Any]", **extra: Any) -> None:
        super().__init__(rows, **extra)
