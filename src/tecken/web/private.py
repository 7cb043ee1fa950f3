# SPDX-License-Identifier: MPL-2.0

"""What a view answers to strangers where reading needs a login (``DJANGO_READ_REQUIRES_LOGIN``).

It refuses them unless it is marked otherwise, so that a new view cannot be forgotten. The marks say
too which views read symbols: these take a token in whatever way its client can send it.
``tecken.accounts.reading`` does what they say.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from django.http import HttpRequest

from tecken.web.middleware import View


class Strangers(Enum):
    """What becomes of a request of somebody who is not known."""

    SERVED = "served"
    REFUSED = "refused"  # 403, with a sentence
    SHOWN_NOTHING = (
        "shown nothing"  # 404: some debuggers leave a server alone that says anything else
    )


Treatment = Callable[[HttpRequest], Strangers]


def open_to_all(view: View) -> View:
    """Mark a view that tells nothing of symbols, or asks by itself who that is."""
    return treating_strangers(lambda _request: Strangers.SERVED)(view)


def reads_symbols(view: View) -> View:
    """Mark a view whose clients understand why they are refused."""
    return _reading(view, lambda _request: Strangers.REFUSED)


def hidden_from_strangers(view: View) -> View:
    """Mark a view of debuggers: for a stranger there is nothing."""
    return _reading(view, lambda _request: Strangers.SHOWN_NOTHING)


def reads_store(view: View) -> View:
    """Mark a view of files: clients of symbol files are told, debuggers of other files are not."""
    return _reading(view, _as_the_file_is_called)


def treating_strangers(treatment: Treatment) -> Callable[[View], View]:
    """Mark a view with what it answers, where that depends on the request."""

    def mark(view: View) -> View:
        view.treats_strangers = treatment  # type: ignore[attr-defined]
        return view

    return mark


def treatment_of(view: Callable[..., Any], request: HttpRequest) -> Strangers:
    """Return what a view answers to a stranger."""
    treatment: Treatment | None = getattr(view, "treats_strangers", None)
    return Strangers.REFUSED if treatment is None else treatment(request)


def is_reading(view: Callable[..., Any]) -> bool:
    """Say whether a view is marked as one that reads symbols."""
    return hasattr(view, "is_reading")


def _reading(view: View, treatment: Treatment) -> View:
    view.is_reading = True  # type: ignore[attr-defined]
    return treating_strangers(treatment)(view)


def _as_the_file_is_called(request: HttpRequest) -> Strangers:
    is_symbol_file = request.path_info.lower().endswith(".sym")
    return Strangers.REFUSED if is_symbol_file else Strangers.SHOWN_NOTHING
