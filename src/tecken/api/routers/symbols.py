# SPDX-License-Identifier: MPL-2.0

"""``/api/find/`` and ``/api/near/``: is this file here, and if not, is one like it?"""

from urllib.parse import quote, unquote, urlsplit

from django.http import HttpRequest, QueryDict
from ninja import Query, Router

from tecken.api.access import signed_in
from tecken.api.schemas.common import Shape, Text
from tecken.core.errors import InvalidFieldsError, InvalidNameError, ObjectPendingError
from tecken.core.identifiers import SymbolKey
from tecken.download.selectors import SymbolSearch
from tecken.upload.selectors import count_near_modules, near_modules


class FoundAnswer(Shape):
    """Where a symbol key is found; where it is missing, ``source``, ``size`` and ``url`` are null.

    ``size`` is in bytes as stored. ``pending`` is a sentence that says why a file that is not found will be there soon.
    """

    symbol_key: str
    found: bool
    source: str | None
    size: int | None
    url: str | None
    pending: str | None = None


class NearAnswer(Shape):
    """The ids of a debug file that are here: a few on each side of the one that was asked for.

    ``total`` is how many there are besides that one, counted up to 10,000.
    """

    debug_file: str
    debug_ids: list[str]
    total: int


router = Router(tags=["symbols"])


@router.get("find/", response=FoundAnswer, operation_id="find_symbol")
def find_symbol(request: HttpRequest, key: Query[Text], with_try: bool = False) -> FoundAnswer:
    """Tell whether a file is here, by its symbol key or by a URL that ends in it."""
    asked, is_try = _asked(key)
    return found_answer(asked, with_try=with_try or is_try)


def found_answer(asked: SymbolKey, *, with_try: bool) -> FoundAnswer:
    """Tell whether a key is in any source. Raises StorageError."""
    pending = None
    try:
        found = SymbolSearch(asked, with_try=with_try).find()
    except ObjectPendingError as error:
        found, pending = None, error.reason
    prefix = "/try" if with_try else ""
    return FoundAnswer(
        symbol_key=str(asked),
        found=found is not None,
        pending=pending,
        source=found.source.name if found else None,
        size=found.info.size if found else None,
        url=f"{prefix}/{quote(str(asked))}" if found else None,
    )


@router.get("near/", auth=signed_in, response=NearAnswer, operation_id="find_near_modules")
def find_near_modules(
    request: HttpRequest, debug_file: Query[Text], debug_id: Query[Text]
) -> NearAnswer:
    """Tell which other ids of a debug file are here, first of all those that begin alike."""
    near = list(near_modules(debug_file, debug_id))
    total = count_near_modules(debug_file, debug_id)
    return NearAnswer(debug_file=debug_file, debug_ids=near, total=total)


def _asked(text: str) -> tuple[SymbolKey, bool]:
    """Return the symbol key in a text, and whether its URL asks for try symbols, too.

    Raises InvalidFieldsError.
    """
    try:
        url = urlsplit(text.strip())
        parts = unquote(url.path).strip("/").split("/")
        key = SymbolKey.parse("/".join(parts[-3:]))
    except (InvalidNameError, ValueError) as error:
        raise InvalidFieldsError({"key": [str(error)]}) from error
    return key, parts[:-3][-1:] == ["try"] or "try" in QueryDict(url.query)
