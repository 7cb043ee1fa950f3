# SPDX-License-Identifier: MPL-2.0

"""Which keys Microsoft may have, where they are there, and the limits of fetching them."""

from urllib.parse import quote, urlsplit

from django.conf import settings

from tecken.core.external_programs import ProgramLimits
from tecken.core.fetching.addresses import is_public, resolve
from tecken.core.fetching.rules import FetchRules, FetchTimeOuts
from tecken.core.identifiers import SymbolKey, symbol_file_name

_CONNECT_SECONDS = 10
_READ_SECONDS = 30
_USER_AGENT = "Microsoft-Symbol-Server/6.3.0.0"  # that of Microsoft's own client


def may_come_from_microsoft(key: SymbolKey) -> bool:
    """Say whether Microsoft's server is asked about files like this one: symbols of a PDB."""
    return (
        settings.ENABLE_DOWNLOAD_FROM_MICROSOFT
        and key.debug_file.lower().endswith(".pdb")
        and key.symbol_file.lower().endswith(".sym")
    )


def is_usual(key: SymbolKey) -> bool:
    """Say whether the symbol file has the name that goes with its debug file.

    Under any other name it would be one more copy, and anybody could have any number of them made.
    """
    return key.symbol_file.lower() == symbol_file_name(key.debug_file).lower()


def microsoft_url(key: SymbolKey) -> str:
    """Return where the PDB is: ``…/symbols/ntdll.pdb/1EB9…1/ntdll.pd_``, in a cabinet file."""
    base = settings.MICROSOFT_DOWNLOAD_URL.rstrip("/")
    debug_file = quote(key.debug_file)
    return f"{base}/{debug_file}/{key.debug_id}/{quote(key.debug_file[:-1])}_"


def microsoft_fetch_rules() -> FetchRules:
    """Return the rules of the request: it goes where the setting says.

    Redirects lead to any host, as Microsoft keeps its files elsewhere, but to public addresses: only
    the host of the setting may be in a network of one's own.
    """
    base = urlsplit(settings.MICROSOFT_DOWNLOAD_URL)
    own = frozenset(resolve(base.hostname or ""))
    return FetchRules(
        FetchTimeOuts(_CONNECT_SECONDS, _READ_SECONDS, settings.MICROSOFT_DOWNLOAD_TIMEOUT),
        https_only=base.scheme == "https",
        hosts=None,
        may_connect=lambda address: is_public(address) or address in own,
        user_agent=_USER_AGENT,
    )


def program_limits() -> ProgramLimits:
    """Return what cabextract and dump_syms may take each."""
    return ProgramLimits(settings.MICROSOFT_DOWNLOAD_TIMEOUT, settings.MICROSOFT_DOWNLOAD_MAX_BYTES)
