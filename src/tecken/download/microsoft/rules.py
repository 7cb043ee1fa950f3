# SPDX-License-Identifier: MPL-2.0

"""Which keys Microsoft may have, and its server: asked as all other symbol servers are, but in the background alone."""

from urllib.parse import quote

from django.conf import settings

from tecken.core.external_programs.running import ProgramLimits
from tecken.core.fetching.rules import FetchTimeOuts
from tecken.core.identifiers import SymbolKey, symbol_file_name
from tecken.core.upstreams.asking import AskedServer
from tecken.core.upstreams.layouts import WantedFile
from tecken.core.upstreams.urls import Layout, UpstreamUrl
from tecken.web.upstreams import open_server, receiving_rules

# No request waits for it, so it may take more time than other servers.
_CONNECT_SECONDS = 10
_READ_SECONDS = 30


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


def wanted_pdb(key: SymbolKey) -> WantedFile:
    """Return where the PDB is, in a cabinet file: ``ntdll.pdb/1EB9…1/ntdll.pd_``."""
    name = key.debug_file
    return WantedFile((f"{quote(name)}/{key.debug_id}/{quote(name[:-1])}_",))


def microsoft_server() -> AskedServer:
    """Return the server; its redirects are followed as those of others."""
    url = UpstreamUrl(settings.MICROSOFT_DOWNLOAD_URL.rstrip("/"), Layout.SYMSRV)
    seconds = settings.MICROSOFT_DOWNLOAD_TIMEOUT
    time_outs = FetchTimeOuts(_CONNECT_SECONDS, _READ_SECONDS, seconds)
    limits = receiving_rules(settings.MICROSOFT_DOWNLOAD_MAX_BYTES, seconds)
    # A mirror in a network of one's own may do without TLS.
    return open_server(url, time_outs, limits, allow_http=url.base.startswith("http:"))


def dump_syms_limits() -> ProgramLimits:
    """Return what dump_syms may take."""
    return ProgramLimits(settings.MICROSOFT_DOWNLOAD_TIMEOUT, settings.MICROSOFT_DOWNLOAD_MAX_BYTES)
