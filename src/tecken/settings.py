# SPDX-License-Identifier: MPL-2.0

"""All settings, read once from the environment.

No other module reads the environment. ``DJANGO_CONFIGURATION`` is turned into defaults of single
settings here; nothing else asks for it. ``docs/configuration.md`` explains every variable.

A variable that cannot be used is noted in ``SETTING_PROBLEMS``, and its setting has a stand-in that
nothing runs with: the application ``web`` does not start while there are problems.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from tecken.core.storage.s3_options import (
    PRIVATE_URL_SECONDS,
    PUBLIC_URL_SECONDS,
    S3Options,
    TimeOuts,
)
from tecken.core.storage.source_urls import location_of, try_url_of
from tecken.core.upstreams.credentials import Credentials
from tecken.core.upstreams.urls import is_upstream, parse_upstream_url
from tecken.env import Environment, check_contact_url, check_web_url, read_dotenv
from tecken.jobs.broker import broker_url
from tecken.local_provider.endpoints import Endpoints
from tecken.web.caches import RedisRules, folder_cache, redis_cache
from tecken.web.data_dir import default_data_dir, make_data_dir
from tecken.web.databases import ConnectionRules, database_config
from tecken.web.logs import logging_config
from tecken.web.secret_key import keep_secret_key
from tecken.web.sentry import checked_dsn
from tecken.web.url_groups import PARTS

_LOCAL = frozenset({"Localdev", "Test"})
_CONFIGURATIONS = _LOCAL | {"Dev", "Stage", "Prod", "Prodlike"}
_MAX_DAYS = 36_500  # a hundred years: dates are reckoned with them
_GIB = 1024**3
_MIB = 1024**2

# Tests must not depend on what a developer keeps in a .env.
_dotenv = {} if os.environ.get("DJANGO_CONFIGURATION") == "Test" else read_dotenv(Path(".env"))
env = Environment(os.environ, _dotenv)
SETTING_PROBLEMS = env.problems
SETTING_READINGS = env.readings  # grows until the end of this file

_local = env.choice("DJANGO_CONFIGURATION", _CONFIGURATIONS, default="Localdev") in _LOCAL


# One that is set to nothing is not the working folder itself, which may be anything.
_data_dir = default_data_dir()
DATA_DIR = Path(env.text("TECKEN_DATA_DIR", default=_data_dir) or _data_dir).resolve()
_database_url = env.text("DATABASE_URL", default=f"sqlite:///{DATA_DIR}/tecken.sqlite3")
# A command that works on a server's data must not begin those of another one.
_may_begin = env.boolean("TECKEN_BEGINS_DATA", default=False)
_may_begin = _may_begin or env.is_set("TECKEN_DATA_DIR") or env.is_set("DATABASE_URL")
_has_data_dir = env.attempt(lambda: make_data_dir(DATA_DIR, new=_may_begin), otherwise=False)


# --- Django -----------------------------------------------------------------------------------
DEBUG = env.boolean("DJANGO_DEBUG", default=False) and _local


def _kept_key() -> str:
    return keep_secret_key(DATA_DIR) if _has_data_dir else "nothing is signed with this"


SECRET_KEY = env.text("DJANGO_SECRET_KEY", default=_kept_key() if _local else None)
ALLOWED_HOSTS = list(
    env.items("DJANGO_ALLOWED_HOSTS", default=(".localhost", "127.0.0.1", "[::1]"))
)
# Whose ``X-Forwarded-For`` is believed.
TRUSTED_PROXIES = env.networks("DJANGO_TRUSTED_PROXIES", default=("127.0.0.0/8", "::1"))
ROOT_URLCONF = "tecken.urls"
WSGI_APPLICATION = "tecken.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "tecken.web",
    "tecken.jobs",
    "tecken.accounts",
    "tecken.accounts.tokens",
    "tecken.upload",
    "tecken.download",
    "tecken.download.microsoft",
    "tecken.symbolication",
    "tecken.api",
]
MIDDLEWARE = [
    "tecken.web.path_tokens.PathTokenMiddleware",
    "tecken.web.request_log.RequestLogMiddleware",
    "tecken.web.headers.LengthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tecken.web.headers.SecurityPolicyMiddleware",
    "tecken.web.assets.AssetsMiddleware",
    "tecken.web.cors.CorsMiddleware",
    "tecken.web.errors.ErrorMiddleware",
    "tecken.web.codings.CodingsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tecken.web.hosts.HostMiddleware",
    "tecken.accounts.tokens.middleware.TokenMiddleware",
    "tecken.accounts.reading.ReadingMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tecken.accounts.middleware.SessionUserMiddleware",
]
# Which parts of the URLs this process answers; `tecken serve --only` sets it for its workers.
SERVE_ONLY = env.items("TECKEN_SERVE_ONLY", default=PARTS)
if not set(SERVE_ONLY) <= set(PARTS):
    env.refuse("TECKEN_SERVE_ONLY", f"may have the parts {', '.join(PARTS)}")


# --- Database ---------------------------------------------------------------------------------
_connection_rules = ConnectionRules(
    max_connections=env.integer("DJANGO_DATABASE_MAX_CONNECTIONS", default=24, minimum=1),
    max_idle_seconds=env.integer("DJANGO_CONN_MAX_AGE", default=60),
    connect_timeout=env.integer("DJANGO_DATABASE_CONNECT_TIMEOUT", default=5, minimum=1),
    timeout=env.integer("DJANGO_DATABASE_TIMEOUT", default=15, minimum=1),
    require_tls=not _local,
)
_NOTHING: dict[str, Any] = {}  # what stands in for a database or a cache that cannot be used
DATABASES = {
    "default": env.attempt(
        lambda: database_config(
            _database_url, _connection_rules, test_file=DATA_DIR / "test.sqlite3"
        ),
        otherwise=_NOTHING,
    )
}

# --- Caches -----------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL", "DJANGO_REDIS_URL", default="")
REDIS_STORE_URL = env.text("REDIS_STORE_URL", "DJANGO_REDIS_STORE_URL", default="")
_ignore_redis = env.boolean("DJANGO_REDIS_IGNORE_EXCEPTIONS", default=True)
REDIS_UNCERTAIN_SECONDS = env.integer("DJANGO_REDIS_UNCERTAIN_SECONDS", default=30, minimum=1)
_redis_rules = RedisRules(
    connect_timeout=env.integer("DJANGO_REDIS_SOCKET_CONNECT_TIMEOUT", default=1, minimum=1),
    timeout=env.integer("DJANGO_REDIS_SOCKET_TIMEOUT", default=2, minimum=1),
    ignore_exceptions=_ignore_redis,
)
_redis_store_rules = RedisRules(
    connect_timeout=env.integer("DJANGO_REDIS_STORE_SOCKET_CONNECT_TIMEOUT", default=1, minimum=1),
    timeout=env.integer("DJANGO_REDIS_STORE_SOCKET_TIMEOUT", default=2, minimum=1),
    ignore_exceptions=_ignore_redis,
)


def _cache(name: str, url: str, rules: RedisRules, folder: str) -> dict[str, Any]:
    if not url:
        return folder_cache(DATA_DIR / "cache" / folder)
    return env.attempt(lambda: redis_cache(name, url, rules), otherwise=_NOTHING)


CACHES = {
    "default": _cache("REDIS_URL", REDIS_URL, _redis_rules, "default"),
    "store": _cache("REDIS_STORE_URL", REDIS_STORE_URL, _redis_store_rules, "store"),
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
DJANGO_REDIS_LOGGER = "tecken.web.redis.ignored"
SESSION_ENGINE = "tecken.accounts.session_store"

# --- Security ---------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not _local
SECURE_REDIRECT_EXEMPT = [r"^__(lb)?heartbeat__$", r"^__version__$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if _local else 365 * 24 * 3600
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not _local
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("DJANGO_SESSION_COOKIE_AGE", default=365 * 24 * 3600, minimum=60)
CSRF_FAILURE_VIEW = "tecken.web.errors.csrf_failure"
# Uploads have limits of their own; what Django itself reads into memory are small forms and JSON.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * _MIB

# --- Accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "tecken.accounts.provider.ProviderBackend",
]
READ_REQUIRES_LOGIN = env.boolean("DJANGO_READ_REQUIRES_LOGIN", default=False)
ENABLE_TOKENS_AUTHENTICATION = env.boolean("DJANGO_ENABLE_TOKENS_AUTHENTICATION", default=True)
TOKENS_DEFAULT_EXPIRATION_DAYS = env.integer(
    "DJANGO_TOKENS_DEFAULT_EXPIRATION_DAYS", default=365, minimum=1
)

# --- Signing in through a provider ------------------------------------------------------------
OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET, *_endpoints = env.together(
    "DJANGO_OIDC_RP_CLIENT_ID",
    "DJANGO_OIDC_RP_CLIENT_SECRET",
    "DJANGO_OIDC_OP_AUTHORIZATION_ENDPOINT",
    "DJANGO_OIDC_OP_TOKEN_ENDPOINT",
    "DJANGO_OIDC_OP_USER_ENDPOINT",
)
OIDC_OP_AUTHORIZATION_ENDPOINT, OIDC_OP_TOKEN_ENDPOINT, OIDC_OP_USER_ENDPOINT = _endpoints
for _name in ("AUTHORIZATION", "TOKEN", "USER"):
    env.web_url(f"DJANGO_OIDC_OP_{_name}_ENDPOINT")
OIDC_RP_SIGN_ALGO = env.choice(
    "DJANGO_OIDC_RP_SIGN_ALGO", frozenset({"HS256", "RS256", "ES256"}), default="HS256"
)
OIDC_OP_JWKS_ENDPOINT = env.web_url("DJANGO_OIDC_OP_JWKS_ENDPOINT") or None
if OIDC_RP_CLIENT_ID and OIDC_RP_SIGN_ALGO != "HS256" and not OIDC_OP_JWKS_ENDPOINT:
    env.refuse("DJANGO_OIDC_OP_JWKS_ENDPOINT", f"is required for the algorithm {OIDC_RP_SIGN_ALGO}")
OIDC_RP_SCOPES = env.text("DJANGO_OIDC_RP_SCOPES", default="openid email")
OIDC_VERIFY_SSL = env.boolean("DJANGO_OIDC_VERIFY_SSL", default=not _local)
OIDC_TIMEOUT = 10
ENABLE_AUTH0_BLOCKED_CHECK = env.boolean("DJANGO_ENABLE_AUTH0_BLOCKED_CHECK", default=not _local)
NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS = env.integer(
    "DJANGO_NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS", default=86_400, minimum=1
)
OIDC_USE_PKCE = True  # providers that do not know it ignore it
OIDC_MAX_STATES = 10  # sign-ins that one browser may have begun

# The provider for development, which `tecken serve` runs beside the server where no other is set.
# It tells the port to its worker processes in the second variable.
_local_provider = env.boolean("DJANGO_LOCAL_PROVIDER", default=_local and not OIDC_RP_CLIENT_ID)
_local_provider_port = env.integer("TECKEN_LOCAL_PROVIDER_PORT", default=0)
if _local_provider and not _local:
    env.refuse("DJANGO_LOCAL_PROVIDER", "is for development alone")
if _local_provider and OIDC_RP_CLIENT_ID:
    env.refuse("DJANGO_LOCAL_PROVIDER", "cannot be used with DJANGO_OIDC_RP_CLIENT_ID")
LOCAL_PROVIDER = (
    Endpoints(_local_provider_port, sha256(f"local provider {SECRET_KEY}".encode()).hexdigest())
    if _local_provider and _local_provider_port
    else None
)
if LOCAL_PROVIDER:
    OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET = LOCAL_PROVIDER.client_id, LOCAL_PROVIDER.secret
    OIDC_OP_AUTHORIZATION_ENDPOINT = LOCAL_PROVIDER.authorization
    OIDC_OP_TOKEN_ENDPOINT = LOCAL_PROVIDER.token
    OIDC_OP_USER_ENDPOINT = LOCAL_PROVIDER.user

# --- Symbols: where they are kept -------------------------------------------------------------
_LOCAL_BUCKETS = ((DATA_DIR / "buckets" / "symbols").as_uri(),) if _local else ()

SYMBOL_FILE_PREFIX = env.text("DJANGO_SYMBOL_FILE_PREFIX", default="v1").strip("/")
SYMBOL_URLS = env.urls("DJANGO_SYMBOL_URLS", default=_LOCAL_BUCKETS)
_buckets = tuple(url for url in SYMBOL_URLS if not is_upstream(url))
UPLOAD_DEFAULT_URL = env.url(
    "DJANGO_UPLOAD_DEFAULT_URL", default="".join(_buckets[:1]) if _local else None
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
CREATE_BUCKETS = env.boolean("DJANGO_CREATE_BUCKETS", default=_local)
_key_id, _secret = env.pair("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
S3_OPTIONS = S3Options(
    # Whoever has a signed URL can use it, whoever that is.
    url_seconds=PRIVATE_URL_SECONDS if READ_REQUIRES_LOGIN else PUBLIC_URL_SECONDS,
    access_key_id=_key_id,
    secret_access_key=_secret,
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
        env.refuse("DJANGO_SYMBOL_URLS", f"has {_url.partition('?')[0]!r}, which {_error}")
        continue
    _text = env.text(f"DJANGO_UPSTREAM_CREDENTIALS_{_name}") if _name else ""
    if _text:
        try:
            UPSTREAM_CREDENTIALS[_name] = Credentials.parse(_text)
        except ValueError as _error:
            env.refuse(f"DJANGO_UPSTREAM_CREDENTIALS_{_name}", str(_error))
UPSTREAM_CACHE_URL = env.url("DJANGO_UPSTREAM_CACHE_URL", default=(DATA_DIR / "upstreams").as_uri())
UPSTREAM_CACHE_MAX_BYTES = env.integer(
    "DJANGO_UPSTREAM_CACHE_MAX_BYTES", default=8 * _GIB, minimum=_MIB
)
UPSTREAM_MAX_FILE_BYTES = env.integer("DJANGO_UPSTREAM_MAX_FILE_BYTES", default=2 * _GIB, minimum=1)
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
    "DJANGO_UPLOAD_MAX_ARCHIVE_BYTES", default=4 * _GIB, minimum=1
)
UPLOAD_MAX_UNFINISHED = env.integer("DJANGO_UPLOAD_MAX_UNFINISHED", default=50, minimum=1)
UPLOAD_MIN_FREE_BYTES = env.integer("DJANGO_UPLOAD_MIN_FREE_BYTES", default=256 * _MIB)
UPLOAD_MAX_MEMBERS = env.integer("DJANGO_UPLOAD_MAX_MEMBERS", default=20_000, minimum=1)
UPLOAD_MAX_MEMBER_BYTES = env.integer("DJANGO_UPLOAD_MAX_MEMBER_BYTES", default=4 * _GIB, minimum=1)
UPLOAD_MAX_TOTAL_BYTES = env.integer("DJANGO_UPLOAD_MAX_TOTAL_BYTES", default=16 * _GIB, minimum=1)
UPLOAD_MAX_RATIO = env.integer("DJANGO_UPLOAD_MAX_RATIO", default=200, minimum=1)
UPLOAD_VERIFY_MODULE = env.boolean("DJANGO_UPLOAD_VERIFY_MODULE", default=True)
UPLOAD_DERIVE_AT_MISS = env.boolean("DJANGO_UPLOAD_DERIVE_AT_MISS", default=True)
UPLOAD_DERIVE_MAX_BYTES = env.integer("DJANGO_UPLOAD_DERIVE_MAX_BYTES", default=20 * _MIB)
UPLOAD_DERIVE_MAX_MEMORY_BYTES = env.integer(
    "DJANGO_UPLOAD_DERIVE_MAX_MEMORY_BYTES", default=400 * _MIB, minimum=128 * _MIB
)
UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES = env.integer(
    "DJANGO_UPLOAD_DERIVE_PDB_MAX_MEMORY_BYTES", default=1536 * _MIB, minimum=64 * _MIB
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
    "DJANGO_TRY_SYMBOLS_RETENTION_DAYS", default=30, maximum=_MAX_DAYS
)
UPLOAD_INCOMPLETE_RETENTION_DAYS = env.integer(
    "DJANGO_UPLOAD_INCOMPLETE_RETENTION_DAYS", default=30, minimum=1, maximum=_MAX_DAYS
)
SYMBOLS_RETENTION_DAYS = env.integer("DJANGO_SYMBOLS_RETENTION_DAYS", default=0, maximum=_MAX_DAYS)
SYMBOLS_RETENTION_DAYS_BY_BUCKET = env.integer_mapping("DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET")
SYMBOLS_KEEP_LAST = env.integer("DJANGO_SYMBOLS_KEEP_LAST", default=0)
_regular_urls = filter(None, (UPLOAD_DEFAULT_URL, *UPLOAD_URL_EXCEPTIONS.values()))
_regular_buckets = sorted({location_of(url).bucket.rpartition("/")[2] for url in _regular_urls})
for _name, _days in SYMBOLS_RETENTION_DAYS_BY_BUCKET.items():
    if _days > _MAX_DAYS:
        env.refuse(
            "DJANGO_SYMBOLS_RETENTION_DAYS_BY_BUCKET",
            f"has {_days} days for {_name!r}; it must be {_MAX_DAYS} or less",
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
    "DJANGO_MISSING_SYMBOLS_RETENTION_DAYS", default=90, minimum=2, maximum=_MAX_DAYS
)
MISSING_SYMBOLS_MAX_PER_DAY = env.integer(
    "DJANGO_MISSING_SYMBOLS_MAX_PER_DAY", default=1_000_000, minimum=1
)

# --- Symbol files of Microsoft's ----------------------------------------------------------------
ENABLE_DOWNLOAD_FROM_MICROSOFT = env.boolean("DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT", default=False)
MICROSOFT_DOWNLOAD_URL = env.text(
    "DJANGO_MICROSOFT_DOWNLOAD_URL", default="https://msdl.microsoft.com/download/symbols/"
)
env.attempt(
    lambda: check_web_url("DJANGO_MICROSOFT_DOWNLOAD_URL", MICROSOFT_DOWNLOAD_URL), otherwise=None
)
MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_CACHE_TTL_SECONDS", default=60, minimum=1
)
MICROSOFT_DOWNLOAD_MAX_BYTES = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_MAX_BYTES", default=_GIB, minimum=1
)
MICROSOFT_DOWNLOAD_TIMEOUT = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_TIMEOUT", default=300, minimum=1
)
MICROSOFT_DOWNLOAD_RETENTION_DAYS = env.integer(
    "DJANGO_MICROSOFT_DOWNLOAD_RETENTION_DAYS", default=30, minimum=1, maximum=_MAX_DAYS
)
CABEXTRACT_PATH = env.text("DJANGO_CABEXTRACT_PATH", "CABEXTRACT_PATH", default="cabextract")
DUMP_SYMS_PATH = env.text("DJANGO_DUMP_SYMS_PATH", "DUMP_SYMS_PATH", default="dump_syms")

# --- Symbolication ----------------------------------------------------------------------------
SYMBOLICATION_MEMORY_MAX_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_MEMORY_MAX_BYTES", default=128 * _MIB
)
SYMBOLICATION_STORE_MAX_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_STORE_MAX_BYTES", default=4 * _GIB
)
SYMBOLICATION_MAX_BODY_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_MAX_BODY_BYTES", default=32 * _MIB, minimum=1
)
SYMBOLICATION_MAX_JOBS = env.integer("DJANGO_SYMBOLICATION_MAX_JOBS", default=100, minimum=1)
SYMBOLICATION_MAX_MODULES = env.integer(
    "DJANGO_SYMBOLICATION_MAX_MODULES", default=5_000, minimum=1
)
SYMBOLICATION_MAX_STACKS = env.integer("DJANGO_SYMBOLICATION_MAX_STACKS", default=50_000, minimum=1)
SYMBOLICATION_MAX_FRAMES = env.integer(
    "DJANGO_SYMBOLICATION_MAX_FRAMES", default=500_000, minimum=1
)
SYMBOLICATION_MAX_ANSWER_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_MAX_ANSWER_BYTES", default=256 * _MIB, minimum=1
)
SYMBOLICATION_MAX_SECONDS = env.integer("DJANGO_SYMBOLICATION_MAX_SECONDS", default=60, minimum=1)
MINIDUMP_STACKWALK_PATH = env.text("DJANGO_MINIDUMP_STACKWALK_PATH", default="")
MINIDUMP_MAX_BYTES = env.integer("DJANGO_MINIDUMP_MAX_BYTES", default=64 * _MIB, minimum=1)
MINIDUMP_MAX_SECONDS = env.integer("DJANGO_MINIDUMP_MAX_SECONDS", default=30, minimum=1)

# --- Background tasks -------------------------------------------------------------------------
TASK_LEASE_SECONDS = env.integer("DJANGO_TASK_LEASE_SECONDS", default=30, minimum=1)
TASK_OVERDUE_SECONDS = env.integer("DJANGO_TASK_OVERDUE_SECONDS", default=300, minimum=1)
TASK_RETENTION_DAYS = env.integer(
    "DJANGO_TASK_RETENTION_DAYS", default=7, minimum=2, maximum=_MAX_DAYS
)
CELERY_BROKER_URL = "" if SETTING_PROBLEMS else broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": _redis_rules.connect_timeout,
    "socket_timeout": _redis_rules.timeout,
    # A request that has a message to send makes no pauses between attempts, nor a second one after
    # it waited: the row is in the database, and somebody sends the message later.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "connect_retries_timeout": 0.5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "tecken"
CELERY_TASK_IGNORE_RESULT = True  # the rows have them
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# Of those that are acknowledged late, which are none.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# --- The server process -----------------------------------------------------------------------
SERVE_WORKERS = env.integer("GUNICORN_WORKERS", default=4, minimum=1)
SERVE_PORT = env.integer("PORT", default=8000)
SERVE_TIMEOUT = env.integer("GUNICORN_TIMEOUT", default=30)
HEADER_SECONDS = env.integer("DJANGO_HEADER_SECONDS", default=15, minimum=1)
BODY_IDLE_SECONDS = env.integer("DJANGO_BODY_IDLE_SECONDS", default=15, minimum=1)
BODY_MIN_BYTES_PER_SECOND = env.integer("DJANGO_BODY_MIN_BYTES_PER_SECOND", default=1024)
BODY_MAX_SECONDS = env.integer("DJANGO_BODY_MAX_SECONDS", default=3600, minimum=1)
ANSWER_IDLE_SECONDS = env.integer("DJANGO_ANSWER_IDLE_SECONDS", default=60, minimum=1)
SPOOL_MAX_BYTES = env.integer("DJANGO_SPOOL_MAX_BYTES", default=2 * _GIB)
MAX_CONNECTIONS = env.integer("DJANGO_MAX_CONNECTIONS", default=4096, minimum=1)
LOG_SQL = env.boolean("DJANGO_LOG_SQL", default=False)
LOGGING = logging_config(
    level=env.choice(
        "DJANGO_LOGGING_DEFAULT_LEVEL",
        frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}),
        default="INFO",
    ),
    as_json=env.boolean("DJANGO_LOGGING_USE_JSON", default=not _local),
    log_sql=LOG_SQL,
)

BENCHMARKING_ENABLED = env.boolean("DJANGO_BENCHMARKING_ENABLED", default=False)

# --- Metrics --------------------------------------------------------------------------------
STATSD_HOST = env.text("DJANGO_STATSD_HOST", default="" if _local else "localhost")
STATSD_PORT = env.integer("DJANGO_STATSD_PORT", default=8125, minimum=1)
STATSD_NAMESPACE = env.text("DJANGO_STATSD_NAMESPACE", default="")
METRICS_TOKEN = env.text("DJANGO_METRICS_TOKEN", default="")
NOTED_METRICS = DATA_DIR / "metrics.json" if _local else None

# --- Faults -------------------------------------------------------------------------------------
_sentry_dsn = env.text("SENTRY_DSN", default="")
SENTRY_DSN = env.attempt(lambda: checked_dsn("SENTRY_DSN", _sentry_dsn), otherwise="")
_sentry_public_dsn = env.text("SENTRY_PUBLIC_DSN", default="")
SENTRY_PUBLIC_DSN = env.attempt(
    lambda: checked_dsn("SENTRY_PUBLIC_DSN", _sentry_public_dsn), otherwise=""
)
SENTRY_ENVIRONMENT = env.text("DJANGO_CONFIGURATION", default="Localdev").lower()

# --- The built web app ------------------------------------------------------------------------
CONTACT_URL = env.text("DJANGO_CONTACT_URL", default="")
env.attempt(lambda: check_contact_url("DJANGO_CONTACT_URL", CONTACT_URL), otherwise=None)
WEB_APP_DIR = Path(__file__).parent / "web" / "static" / "app"
# Only the assets: `index.html` is served by a view, which fills in what differs with every answer.
STATIC_URL = "/assets/"
if (WEB_APP_DIR / "assets").is_dir() and "web" in SERVE_ONLY:
    STATIC_ROOT = str(WEB_APP_DIR / "assets")
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"  # their names have digests
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
