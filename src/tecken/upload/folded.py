# SPDX-License-Identifier: MPL-2.0

"""Names in lower case, as an index has them: whatever language a database sorts by."""

import string
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField
from django.db.models.sql.compiler import SQLCompiler

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_LAST: Final = "\U0010ffff"


class Folded(Func):
    """A column with its Latin letters in lower case, compared byte by byte: so SQLite does by itself."""

    function = "LOWER"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        """Give the column PostgreSQL's rules for bytes: a language's would put names in another order."""
        return self.as_sql(
            compiler, connection, template='LOWER(%(expressions)s COLLATE "C")', **context
        )


def folded(text: str) -> str:
    """Return a text as ``Folded`` has it."""
    return text.translate(_LOWER)


def end_of(beginning: str) -> str:
    """Return what comes after all texts that begin so."""
    return f"{beginning}{_LAST}"
