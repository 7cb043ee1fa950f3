# SPDX-License-Identifier: MPL-2.0

"""What a text that somebody typed or pasted may mean, the ids of a name, and lines of sources."""

from datetime import datetime
from typing import Self
from urllib.parse import quote

from tecken.api.schemas.common import Shape
from tecken.api.schemas.symbols import FoundAnswer
from tecken.upload.models import FileUpload
from tecken.upload.module_search import KnownName, PageOfIds


class LookedUpName(Shape):
    """A debug file with symbols here. ``ids`` are counted up to 1,000."""

    debug_file: str
    ids: int
    newest: datetime


class LookedUpFile(Shape):
    """A file that an upload brought. ``url`` is where it is downloaded, null for a native file.

    ``file_id`` and ``upload_id`` are told to who may see that upload.
    """

    debug_file: str
    debug_id: str
    code_file: str | None
    code_id: str | None
    symbol_key: str
    kind: str
    size: int | None
    try_symbols: bool
    created_at: datetime
    url: str | None
    file_id: int | None
    upload_id: int | None

    @classmethod
    def of(cls, file: FileUpload, *, is_visible: bool) -> Self:
        """Tell of a file, to somebody who may see its upload or may not."""
        is_try = file.upload is not None and file.upload.try_symbols
        return cls(
            debug_file=file.debug_file,
            debug_id=file.debug_id,
            code_file=file.code_file or None,
            code_id=file.code_id or None,
            symbol_key=file.symbol_key,
            kind=file.kind,
            size=file.size,
            try_symbols=is_try,
            created_at=file.created_at,
            url=None
            if file.is_original
            else f"{'/try' if is_try else ''}/{quote(file.symbol_key)}",
            file_id=file.pk if is_visible else None,
            upload_id=file.upload_id if is_visible else None,
        )


class LookupAnswer(Shape):
    """What was understood of a text, ``name`` and ``id``, and what there is of that.

    ``found`` tells of a whole name and id whether a source has the symbol file; it is null for anything else, and while a
    source cannot be asked. ``needs_sign_in``: more would be told to somebody who has signed in.
    """

    name: str
    id: str
    found: FoundAnswer | None
    names: list[LookedUpName]
    files: list[LookedUpFile]
    needs_sign_in: bool

    @staticmethod
    def names_of(names: list[KnownName]) -> list[LookedUpName]:
        """Tell of some names."""
        return [LookedUpName.model_validate(name) for name in names]


class IdsPage(Shape):
    """Debug ids of a name, those that came last first, each with its newest file.

    ``total`` is how many there are, counted up to 10,000. ``before`` leads to the next page, null after the last.
    """

    debug_file: str
    total: int
    ids: list[LookedUpFile]
    before: int | None

    @classmethod
    def of(cls, name: str, total: int, page: PageOfIds, visible: set[int]) -> Self:
        """Tell of a page; ``visible`` has the numbers of the files whose uploads may be seen."""
        ids = [LookedUpFile.of(file, is_visible=file.pk in visible) for file in page.files]
        return cls(debug_file=name, total=total, ids=ids, before=page.before)


class SourceLines(Shape):
    """Lines around one, from ``first`` on. None where no source bundle of the module has the file.

    ``has_sources`` tells whether there is a bundle of the module at all.
    """

    has_sources: bool
    first: int | None
    lines: list[str]
