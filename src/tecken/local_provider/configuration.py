# SPDX-License-Identifier: MPL-2.0

"""The Django settings of the provider's process, which are not those of the server."""

from hashlib import sha256
from pathlib import Path
from typing import Any

_PACKAGE = "tecken.local_provider"


def configuration(database: Path, secret: str) -> dict[str, Any]:
    """Return all settings; accounts are kept in a SQLite file.

    Cookies belong to a host, whatever the port, so they are named after the database: two providers
    on one machine, or the provider and Tecken itself, do not overwrite each other's.
    """
    name = sha256(str(database).encode()).hexdigest()[:8]
    return {
        "SECRET_KEY": sha256(f"pages {secret}".encode()).hexdigest(),
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
        "ROOT_URLCONF": f"{_PACKAGE}.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            f"{_PACKAGE}.views.policy_middleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                    ]
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=WAL",
                    "transaction_mode": "IMMEDIATE",
                },
            }
        },
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "USE_TZ": True,
        "APPEND_SLASH": False,
        "SESSION_COOKIE_NAME": f"provider-{name}-session",
        "CSRF_COOKIE_NAME": f"provider-{name}-csrf",
        "LOGIN_URL": "/account/login",
        "LOGIN_REDIRECT_URL": "/",
        "OAUTH2_PROVIDER": {
            "OIDC_ENABLED": True,
            "OAUTH2_VALIDATOR_CLASS": f"{_PACKAGE}.client.Validator",
            "SCOPES": {"openid": "who you are", "email": "your email address"},
            "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
            "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
            "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
        },
        "LOGGING": {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"console": {"class": "logging.StreamHandler"}},
            # Faults alone: the server logs what becomes of sign-ins.
            "root": {"handlers": ["console"], "level": "ERROR"},
            "loggers": {"django": {"handlers": [], "level": "ERROR"}},
        },
    }
