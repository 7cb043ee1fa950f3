# SPDX-License-Identifier: MPL-2.0

"""Settings of symbols: where they are kept, what is uploaded, and what is downloaded."""

import os

from tecken.core.storage.s3_options import (
    PRIVATE_URL_SECONDS,
    PUBLIC_URL_SECONDS,
    S3Options,
    TimeOuts,
)
from tecken.core.storage.source_urls import location_of, try_url_of
from tecken.core.upstreams.urls import is_upstream
from tecken.settings.environment import DATA_DIR, GIB, MAX_DAYS, MIB, env, is_local

READ_REQUIRES_LOGIN = env.boolean("DJANGO_READ_REQUIRES_LOGIN", default=False)

# --- Symbols: where they are kept -------------------------------------------------------------
_LOCAL_BUCKETS = ((DATA_DIR / "buckets" / "symbols").as_uri(),) if is_local else ()
SYMBOL_FILE_PREFIX = env.text("DJANGO_SYMBOL_FILE_PREFIX", default="v1").strip("/")
SYMBOL_URLS = env.urls("DJANGO_SYMBOL_URLS", default=_LOCAL_BUCKETS)
_buckets = tuple(url for url in SYMBOL_URLS if not is_upstream(url))
UPLOAD_DEFAULT_URL = env.url(
    "DJANGO_UPLOAD_DEFAULT_URL", default="".join(_buckets[:1]) if is_local else None
)
_locations = [location_of(url) for url in _buckets]
if SYMBOL_URLS and UPLOAD_DEFAULT_URL and location_of(UPLOAD_DEFAULT_URL) not in _locations:
    env.refuse("DJANGO_UPLOAD_DEFAULT_URL", "must be one of DJANGO_SYMBOL_URLS")
UPLOAD_TRY_SYMBOLS_URL = env.url(
    "DJANGO_UPLOAD_TRY_SYMBOLS_URL",
    default=try_url_of(UPLOAD_DEFAULT_URL) if UPLOAD_DEFAULT_URL else "",
)
UPLOAD_URL_EXCEPTIONS = env.url_mapping(
    "DJANGO_UPLOAD_URL_EXCEPTIONS",
    "DJANGO_UPLOAD_BUCKET_EXCEPTIONS",
    "UPLOAD_URL_EXCEPTIONS",
    "UPLOAD_BUCKET_EXCEPTIONS",
)
CREATE_BUCKETS = env.boolean("DJANGO_CREATE_BUCKETS", default=is_local)
_key_id, _secret = env.together("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
S3_OPTIONS = S3Options(
    # Whoever has a signed URL can use it, whoever that is.
    url_seconds=PRIVATE_URL_SECONDS if READ_REQUIRES_LOGIN else PUBLIC_URL_SECONDS,
    access_key_id=_key_id or None,
    secret_access_key=_secret or None,
    session_token=env.text("AWS_SESSION_TOKEN", default="") or None,
    region=env.host_label("AWS_DEFAULT_REGION", default="us-east-1"),
    lookup=TimeOuts(
        env.integer("DJANGO_S3_LOOKUP_CONNECT_TIMEOUT", default=2, minimum=1),
        env.integer("DJANGO_S3_LOOKUP_READ_TIMEOUT", default=4, minimum=1),
    ),
    put=TimeOuts(
        env.integer("DJANGO_S3_PUT_CONNECT_TIMEOUT", default=10, minimum=1),
        env.integer("DJANGO_S3_PUT_READ_TIMEOUT", default=30, minimum=1),
    ),
)

# --- Upload -----------------------------------------------------------------------------------
COMPRESS_EXTENSIONS = env.items("DJANGO_COMPRESS_EXTENSIONS", default=("sym",))
MIME_OVERRIDES = env.mapping("DJANGO_MIME_OVERRIDES", default={"sym": "text/plain"})
DISALLOWED_SYMBOLS_SNIPPETS = env.items(
    "DJANGO_DISALLOWED_SYMBOLS_SNIPPETS", default=("qcom/proprietary",)
)
UPLOAD_FILE_UPLOAD_MAX_WORKERS = env.integer(
    "DJANGO_UPLOAD_FILE_UPLOAD_MAX_WORKERS", default=os.cpu_count() or 2, minimum=1
)
UPLOAD_MAX_ARCHIVE_BYTES = env.integer(
    "DJANGO_UPLOAD_MAX_ARCHIVE_BYTES", default=4 * GIB, minimum=1
)
UPLOAD_MAX_UNFINISHED = env.integer("DJANGO_UPLOAD_MAX_UNFINISHED", default=50, minimum=1)
UPLOAD_MIN_FREE_BYTES = env.integer("DJANGO_UPLOAD_MIN_FREE_BYTES", default=256 * MIB)
UPLOAD_MAX_MEMBERS = env.integer("DJANGO_UPLOAD_MAX_MEMBERS", default=20_000, minimum=1)
UPLOAD_MAX_MEMBER_BYTES = env.integer("DJANGO_UPLOAD_MAX_MEMBER_BYTES", default=4 * GIB, minimum=1)
UPLOAD_MAX_TOTAL_BYTES = env.integer("DJANGO_UPLOAD_MAX_TOTAL_BYTES", default=16 * GIB, minimum=1)
UPLOAD_MAX_RATIO = env.integer("DJANGO_UPLOAD_MAX_RATIO", default=200, minimum=1)
UPLOAD_VERIFY_MODULE = env.boolean("DJANGO_UPLOAD_VERIFY_MODULE", default=True)
UPLOAD_DERIVE_AT_MISS = env.boolean("DJANGO_UPLOAD_DERIVE_AT_MISS", default=True)
UPLOAD_DERIVE_MAX_BYTES = env.integer("DJANGO_UPLOAD_DERIVE_MAX_BYTES", default=20 * MIB)
UPLOAD_DERIVE_MAX_MEMORY_BYTES = env.integer(
    "DJANGO_UPLOAD_DERIVE_MAX_MEMORY_BYTES", default=400 * MIB, minimum=128 * MIB
)
UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES = env.integer(
    "DJANGO_UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES", default=1536 * MIB, minimum=64 * MIB
)
UPLOAD_DERIVE_PROCESSES = env.integer("DJANGO_UPLOAD_DERIVE_PROCESSES", default=0, minimum=0)
UPLOAD_DERIVE_TIMEOUT = env.integer("DJANGO_UPLOAD_DERIVE_TIMEOUT", default=120, minimum=1)
ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS = env.items(
    "DJANGO_ALLOW_UPLOAD_BY_DOWNLOAD_DOMAINS",
    default=("queue.taskcluster.net", "public-artifacts.taskcluster.net"),
)
ALLOW_UPLOAD_BY_ANY_DOMAIN = env.boolean("DJANGO_ALLOW_UPLOAD_BY_ANY_DOMAIN", default=False)
UPLOAD_URL_CONNECT_TIMEOUT = env.integer("DJANGO_UPLOAD_URL_CONNECT_TIMEOUT", default=10, minimum=1)
UPLOAD_URL_READ_TIMEOUT = env.integer("DJANGO_UPLOAD_URL_READ_TIMEOUT", default=30, minimum=1)
UPLOAD_URL_TOTAL_TIMEOUT = env.integer("DJANGO_UPLOAD_URL_TOTAL_TIMEOUT", default=900, minimum=1)
UPLOAD_URL_MAX_AT_ONCE = env.integer("DJANGO_UPLOAD_URL_MAX_AT_ONCE", default=4, minimum=1)
TRY_SYMBOLS_RETENTION_DAYS = env.integer(
    "DJANGO_TRY_SYMBOLS_RETENTION_DAYS", default=30, maximum=MAX_DAYS
)
UPLOAD_INCOMPLETE_RETENTION_DAYS = env.integer(
    "DJANGO_UPLOAD_INCOMPLETE_RETENTION_DAYS", default=30, minimum=1, maximum=MAX_DAYS
)
SYMBOLS_RETENTION_DAYS = env.integer("DJANGO_SYMBOLS_RETENTION_DAYS", default=0, maximum=MAX_DAYS)
SYMBOLS_RETENTION_DAYS_BY_BUCKET = env.integer_mapping("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET")
SYMBOLS_KEEP_LAST = env.integer("DJANGO_SYMBOLS_KEEP_LAST", default=0)
_regular_urls = filter(None, (UPLOAD_DEFAULT_URL, *UPLOAD_URL_EXCEPTIONS.values()))
_regular_buckets = sorted({location_of(url).bucket.rpartition("/")[2] for url in _regular_urls})
for _name, _days in SYMBOLS_RETENTION_DAYS_BY_BUCKET.items():
    if _days > MAX_DAYS:
        env.refuse(
            "DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET",
            f"has {_days} days for {_name!r}; it must be {MAX_DAYS} or less",
        )
    if _regular_buckets and _name not in _regular_buckets:
        env.refuse(
            "DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET",
            f"names {_name!r}, which is no bucket of regular uploads; these are {', '.join(_regular_buckets)}",
        )

# --- Download ---------------------------------------------------------------------------------
DOWNLOAD_FILE_EXTENSIONS_WHITELIST = env.items(
    "DJANGO_DOWNLOAD_FILE_EXTENSIONS_WHITELIST",
    default=(
        *(".sym", ".dl_", ".ex_", ".pd_", ".dbg.gz", ".tar.bz2"),
        *(".pdb", ".dll", ".exe", ".sys", ".so", ".dylib", ".debug", ".dbg", ".dwp", ".zip", "."),
    ),
)
DOWNLOAD_CACHE_SECONDS = env.integer("DJANGO_DOWNLOAD_CACHE_SECONDS", default=0)
SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS = env.integer(
    "DJANGO_SYMBOLDOWNLOAD_EXISTS_TTL_SECONDS", default=6 * 3600
)
ENABLE_STORE_MISSING_SYMBOLS = env.boolean("DJANGO_ENABLE_STORE_MISSING_SYMBOLS", default=True)
MISSING_SYMBOLS_RETENTION_DAYS = env.integer(
    "DJANGO_MISSING_SYMBOLS_RETENTION_DAYS", default=90, minimum=2, maximum=MAX_DAYS
)
MISSING_SYMBOLS_MAX_PER_DAY = env.integer(
    "DJANGO_MISSING_SYMBOLS_MAX_PER_DAY", default=1_000_000, minimum=1
)
