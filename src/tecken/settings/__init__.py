# SPDX-License-Identifier: MPL-2.0

"""All settings, read once from the environment.

No other module reads the environment. ``DJANGO_CONFIGURATION`` is turned into defaults of single
settings here; nothing else asks for it. ``docs/configuration.md`` explains every variable.

A variable that cannot be used is noted in ``SETTING_PROBLEMS``, and its setting has a stand-in that
nothing runs with: the application ``web`` does not start while there are problems.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from tecken.env import check_contact_url
from tecken.jobs.broker import broker_url
from tecken.local_provider.endpoints import Endpoints
from tecken.settings.environment import (
    DATA_DIR,
    GIB,
    MAX_DAYS,
    MIB,
    database_url,
    env,
    has_data_dir,
    is_local,
)
from tecken.settings.symbols import *  # noqa: F403 - all of them are settings
from tecken.settings.upstreams import *  # noqa: F403
from tecken.web.caches import RedisRules, folder_cache, redis_cache
from tecken.web.data_dir import keep_secret_key
from tecken.web.databases import ConnectionRules, database_config
from tecken.web.logs import logging_config
from tecken.web.sentry import checked_dsn
from tecken.web.url_groups import PARTS

SETTING_PROBLEMS = env.problems
SETTING_READINGS = env.readings  # grows until the end of this file


# --- Django -----------------------------------------------------------------------------------
DEBUG = env.boolean("DJANGO_DEBUG", default=False) and is_local


def _kept_key() -> str:
    return keep_secret_key(DATA_DIR) if has_data_dir else "nothing is signed with this"


SECRET_KEY = env.text("DJANGO_SECRET_KEY", default=_kept_key() if is_local else None)
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
    require_tls=not is_local,
)
_NOTHING: dict[str, Any] = {}  # what stands in for a database or a cache that cannot be used
DATABASES = {
    "default": env.attempt(
        lambda: database_config(
            database_url, _connection_rules, test_file=DATA_DIR / "test.sqlite3"
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
SECURE_SSL_REDIRECT = not is_local
SECURE_REDIRECT_EXEMPT = [r"^__(lb)?heartbeat__$", r"^__version__$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if is_local else 365 * 24 * 3600
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not is_local
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("DJANGO_SESSION_COOKIE_AGE", default=365 * 24 * 3600, minimum=60)
CSRF_FAILURE_VIEW = "tecken.web.errors.csrf_failure"
# Uploads have limits of their own; what Django itself reads into memory are small forms and JSON.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * MIB

# --- Accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "tecken.accounts.provider.ProviderBackend",
]
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
OIDC_VERIFY_SSL = env.boolean("DJANGO_OIDC_VERIFY_SSL", default=not is_local)
OIDC_TIMEOUT = 10
ENABLE_AUTH0_BLOCKED_CHECK = env.boolean("DJANGO_ENABLE_AUTH0_BLOCKED_CHECK", default=not is_local)
NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS = env.integer(
    "DJANGO_NOT_BLOCKED_IN_AUTH0_INTERVAL_SECONDS", default=86_400, minimum=1
)
OIDC_USE_PKCE = True  # providers that do not know it ignore it
OIDC_MAX_STATES = 10  # sign-ins that one browser may have begun

# The provider for development, which `tecken serve` runs beside the server where no other is set.
# It tells the port to its worker processes in the second variable.
_local_provider = env.boolean("DJANGO_LOCAL_PROVIDER", default=is_local and not OIDC_RP_CLIENT_ID)
_local_provider_port = env.integer("TECKEN_LOCAL_PROVIDER_PORT", default=0)
if _local_provider and not is_local:
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

# --- Symbolication ----------------------------------------------------------------------------
SYMBOLICATION_MEMORY_MAX_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_MEMORY_MAX_BYTES", default=128 * MIB
)
SYMBOLICATION_STORE_MAX_BYTES = env.integer("DJANGO_SYMBOLICATION_STORE_MAX_BYTES", default=4 * GIB)
SYMBOLICATION_MAX_BODY_BYTES = env.integer(
    "DJANGO_SYMBOLICATION_MAX_BODY_BYTES", default=32 * MIB, minimum=1
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
    "DJANGO_SYMBOLICATION_MAX_ANSWER_BYTES", default=256 * MIB, minimum=1
)
SYMBOLICATION_MAX_SECONDS = env.integer("DJANGO_SYMBOLICATION_MAX_SECONDS", default=60, minimum=1)
MINIDUMP_STACKWALK_PATH = env.text("DJANGO_MINIDUMP_STACKWALK_PATH", default="")
MINIDUMP_MAX_BYTES = env.integer("DJANGO_MINIDUMP_MAX_BYTES", default=64 * MIB, minimum=1)
MINIDUMP_MAX_SECONDS = env.integer("DJANGO_MINIDUMP_MAX_SECONDS", default=30, minimum=1)

# --- Background tasks -------------------------------------------------------------------------
TASK_LEASE_SECONDS = env.integer("DJANGO_TASK_LEASE_SECONDS", default=30, minimum=1)
TASK_OVERDUE_SECONDS = env.integer("DJANGO_TASK_OVERDUE_SECONDS", default=300, minimum=1)
TASK_RETENTION_DAYS = env.integer(
    "DJANGO_TASK_RETENTION_DAYS", default=7, minimum=2, maximum=MAX_DAYS
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
SPOOL_MAX_BYTES = env.integer("DJANGO_SPOOL_MAX_BYTES", default=2 * GIB)
MAX_CONNECTIONS = env.integer("DJANGO_MAX_CONNECTIONS", default=4096, minimum=1)
LOG_SQL = env.boolean("DJANGO_LOG_SQL", default=False)
LOGGING = logging_config(
    level=env.choice(
        "DJANGO_LOGGING_DEFAULT_LEVEL",
        frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}),
        default="INFO",
    ),
    as_json=env.boolean("DJANGO_LOGGING_USE_JSON", default=not is_local),
    log_sql=LOG_SQL,
)

BENCHMARKING_ENABLED = env.boolean("DJANGO_BENCHMARKING_ENABLED", default=False)

# --- Metrics --------------------------------------------------------------------------------
STATSD_HOST = env.text("DJANGO_STATSD_HOST", default="" if is_local else "localhost")
STATSD_PORT = env.integer("DJANGO_STATSD_PORT", default=8125, minimum=1)
STATSD_NAMESPACE = env.text("DJANGO_STATSD_NAMESPACE", default="")
METRICS_TOKEN = env.text("DJANGO_METRICS_TOKEN", default="")
NOTED_METRICS = DATA_DIR / "metrics.json" if is_local else None

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
WEB_APP_DIR = Path(__file__).parents[1] / "web" / "static" / "app"
# Only the assets: `index.html` is served by a view, which fills in what differs with every answer.
STATIC_URL = "/assets/"
if (WEB_APP_DIR / "assets").is_dir() and "web" in SERVE_ONLY:
    STATIC_ROOT = str(WEB_APP_DIR / "assets")
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/"  # their names have digests
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
