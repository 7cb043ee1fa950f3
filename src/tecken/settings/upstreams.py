# SPDX-License-Identifier: MPL-2.0

"""Settings of other symbol servers: those that are sources, and Microsoft's."""

from tecken.core.upstreams.credentials import Credentials
from tecken.core.upstreams.urls import Layout, is_upstream, origin_of, parse_upstream_url
from tecken.env import check_web_url
from tecken.settings.environment import DATA_DIR, GIB, MAX_DAYS, MIB, env
from tecken.settings.symbols import (
    S3_OPTIONS,
    SYMBOL_URLS,
    UPLOAD_DEFAULT_URL,
    UPLOAD_TRY_SYMBOLS_URL,
    UPLOAD_URL_EXCEPTIONS,
)

# --- Other symbol servers as sources ------------------------------------------------------------
for _name, _url in (
    ("DJANGO_UPLOAD_DEFAULT_URL", UPLOAD_DEFAULT_URL),
    ("DJANGO_UPLOAD_TRY_SYMBOLS_URL", UPLOAD_TRY_SYMBOLS_URL),
    *(("DJANGO_UPLOAD_URL_EXCEPTIONS", url) for url in UPLOAD_URL_EXCEPTIONS.values()),
):
    if is_upstream(_url):
        env.refuse(_name, "names another symbol server, and uploads go to buckets only")
UPSTREAM_ALLOW_HTTP = env.boolean("DJANGO_UPSTREAM_ALLOW_HTTP", default=False)
UPSTREAM_CREDENTIALS: dict[str, Credentials] = {}
for _url in filter(is_upstream, SYMBOL_URLS):
    try:
        _name = parse_upstream_url(_url, allow_http=UPSTREAM_ALLOW_HTTP).credentials
    except ValueError as _error:
        env.refuse("DJANGO_SYMBOL_URLS", f"has {origin_of(_url)!r}, which {_error}")
        continue
    _text = env.text(f"DJANGO_UPSTREAM_CREDENTIALS_{_name}") if _name else ""
    if _text:
        try:
            UPSTREAM_CREDENTIALS[_name] = Credentials.parse(_text)
        except ValueError as _error:
            env.refuse(f"DJANGO_UPSTREAM_CREDENTIALS_{_name}", str(_error))
UPSTREAM_CACHE_URL = env.url("DJANGO_UPSTREAM_CACHE_URL", default=(DATA_DIR / "upstreams").as_uri())
UPSTREAM_CACHE_MAX_BYTES = env.integer(
    "DJANGO_UPSTREAM_CACHE_MAX_BYTES", default=8 * GIB, minimum=MIB
)
UPSTREAM_MAX_FILE_BYTES = env.integer("DJANGO_UPSTREAM_MAX_FILE_BYTES", default=2 * GIB, minimum=1)
UPSTREAM_MISSING_SECONDS = env.integer("DJANGO_UPSTREAM_MISSING_SECONDS", default=3600, minimum=1)
UPSTREAM_CONNECT_TIMEOUT = env.integer(
    "DJANGO_UPSTREAM_CONNECT_TIMEOUT", default=int(S3_OPTIONS.lookup.connect_seconds), minimum=1
)
UPSTREAM_READ_TIMEOUT = env.integer(
    "DJANGO_UPSTREAM_READ_TIMEOUT", default=int(S3_OPTIONS.lookup.read_seconds), minimum=1
)
UPSTREAM_FETCH_TIMEOUT = env.integer("DJANGO_UPSTREAM_FETCH_TIMEOUT", default=600, minimum=1)
UPSTREAM_WAIT_SECONDS = env.integer("DJANGO_UPSTREAM_WAIT_SECONDS", default=10, minimum=1)
UPSTREAM_AT_ONCE = env.integer("DJANGO_UPSTREAM_AT_ONCE", default=8, minimum=1, maximum=64)
UPSTREAM_RATE = env.integer("DJANGO_UPSTREAM_RATE", default=50, minimum=1, maximum=10_000)

# --- Symbol files of Microsoft's ----------------------------------------------------------------
ENABLE_DOWNLOAD_FROM_MICROSOFT = env.boolean("DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT", default=False)
MICROSOFT_DOWNLOAD_URL = env.text(
    "DJANGO_MICROSOFT_DOWNLOAD_URL", default="https://msdl.microsoft.com/download/symbols/"
)
env.attempt(
    lambda: check_web_url("DJANGO_MICROSOFT_DOWNLOAD_URL", MICROSOFT_DOWNLOAD_URL), otherwise=None
)
try:
    parse_upstream_url(f"{MICROSOFT_DOWNLOAD_URL}?layout={Layout.SYMSRV}", allow_http=True)
except ValueError as _error:
    env.refuse("DJANGO_MICROSOFT_DOWNLOAD_URL", str(_error))
MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS", default=60, minimum=1
)
MICROSOFT_DOWNLOAD_MAX_BYTES = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_MAX_BYTES", default=GIB, minimum=1
)
MICROSOFT_DOWNLOAD_TIMEOUT = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_TIMEOUT", default=300, minimum=1
)
MICROSOFT_DOWNLOAD_RETENTION_DAYS = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_RETENTION_DAYS", default=30, minimum=1, maximum=MAX_DAYS
)
CABEXTRACT_PATH = env.text("DJANGO_CABEXTRACT_PATH", "CABEXTRACT_PATH", default="cabextract")
DUMP_SYMS_PATH = env.text("DJANGO_DUMP_SYMS_PATH", "DUMP_SYMS_PATH", default="dump_syms")
