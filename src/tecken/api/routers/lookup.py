# SPDX-License-Identifier: MPL-2.0

"""``/api/lookup/``, ``/api/modules/`` and ``/api/source-lines/``: what a text means, and what there is of a module."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Self
from urllib.parse import quote

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from tecken.accounts.models import User
from tecken.api.access import may_view_all, signed_in
from tecken.api.routers.symbols import FoundAnswer, found_answer
from tecken.api.schemas.common import Id, Shape, Text
from tecken.core.dialects.pasted import Pasted, read_pasted
from tecken.core.errors import BusyError, InvalidNameError, StorageError
from tecken.core.identifiers import SymbolKey, is_full_debug_id
from tecken.download.modules import find_module
from tecken.download.source_lines import lines_around
from tecken.upload.models import FileUpload
from tecken.upload.module_search import (
    PageOfIds,
    count_ids,
    files_like,
    ids_of_name,
    names_like,
    symbol_files_of,
)
from tecken.upload.selectors import MAX_COUNTED
from tecken.web.clients import client_network
from tecken.web.per_minute import PerMinute


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


router = Router(tags=["symbols"])

_IDS_AT_ONCE = 50
_LOOKUPS = PerMinute("lookup", 300)  # somebody who types fast asks five times in a second
_CODE_ID_DIGITS = range(9, 17)  # of timestamp and size of an image


@router.get("lookup/", response=LookupAnswer, operation_id="look_up")
def look_up(request: HttpRequest, q: Query[Text]) -> LookupAnswer:
    """Tell what a name, an id, a key, a MODULE line or a URL means here, or the beginning of one.

    Who has not signed in is told what a download URL would tell: of a name with its id, and of a whole id.
    """
    if not _LOOKUPS.note(_client(request)):
        raise BusyError("There were more than 300 lookups in this minute: go on in the next one")
    pasted = read_pasted(q)
    is_known = isinstance(request.user, User)
    if is_known:
        names = [] if pasted.is_pair else names_like(pasted)
        files = files_like(pasted)
    else:
        names, files = [], [] if pasted.is_pair else symbol_files_of(pasted.debug_ids)
    visible = _visible(request, files)
    return LookupAnswer(
        name=pasted.name,
        id=pasted.some_id,
        found=_found(pasted),
        names=[LookedUpName.model_validate(name) for name in names],
        files=[LookedUpFile.of(file, is_visible=file.pk in visible) for file in files],
        needs_sign_in=not is_known and bool(pasted.name) and not pasted.is_pair,
    )


@router.get("modules/", auth=signed_in, response=IdsPage, operation_id="list_ids_of_name")
def list_ids_of_name(
    request: HttpRequest,
    debug_file: Query[Text],
    before: Annotated[Id | None, Query()] = None,
) -> IdsPage:
    """List the debug ids of a name, those that came last first."""
    page = ids_of_name(debug_file, before, _IDS_AT_ONCE)
    total = count_ids(debug_file, MAX_COUNTED)
    return IdsPage.of(debug_file, total, page, _visible(request, page.files))


@router.get("source-lines/", response=SourceLines, operation_id="get_source_lines")
def get_source_lines(
    request: HttpRequest,
    debug_id: Query[Text],
    file: Annotated[Text | None, Query()] = None,
    line: Annotated[int, Query(), Field(ge=1, le=10_000_000)] = 1,
) -> SourceLines:
    """Return the lines around one of a source that a bundle of the module has; without a file, whether there is a bundle."""
    return SourceLines.model_validate(lines_around(debug_id, file or "", line))


def _client(request: HttpRequest) -> str:
    """Return whose lookups are counted together: all of an office may have one address, so an account counts by itself."""
    if isinstance(request.user, User):
        return f"user-{request.user.pk}"
    return client_network(request)


def _found(pasted: Pasted) -> FoundAnswer | None:
    """Look a whole name and id up in the sources, as a download would; what is not whole is nobody's."""
    if not pasted.is_pair:
        return None
    with suppress(InvalidNameError, StorageError):
        key = _key_of(pasted)
        if key is None:
            return None
        regular = found_answer(key, with_try=False)
        is_told = regular.found or regular.pending
        return regular if is_told else found_answer(key, with_try=True)
    return None


def _key_of(pasted: Pasted) -> SymbolKey | None:
    """Return the key of the symbol file of a name and a debug id or code id. Raises InvalidNameError."""
    some_id = pasted.some_id
    is_debug_id = is_full_debug_id(some_id)
    if not is_debug_id and len(some_id) not in _CODE_ID_DIGITS and not pasted.debug_ids:
        return None
    module = find_module(pasted.name, some_id, with_try=True)
    if module is not None:
        return SymbolKey.of_module(module.debug_file, module.debug_id)
    debug_id = some_id if is_debug_id else next(iter(pasted.debug_ids[-1:]), some_id)
    return SymbolKey.of_module(pasted.name, debug_id)


def _visible(request: HttpRequest, files: Iterable[FileUpload]) -> set[int]:
    """Return the numbers of the files whose uploads somebody may see."""
    if not isinstance(request.user, User):
        return set()
    sees_all = may_view_all(request)
    own = request.user.pk
    return {file.pk for file in files if sees_all or (file.upload and file.upload.user_id == own)}
