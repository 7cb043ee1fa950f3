# SPDX-License-Identifier: MPL-2.0

"""The URL of the broker, as Celery wants it."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def broker_url(redis_url: str) -> str:
    """Return a URL of Redis in Celery's spelling, with what Celery does not do by itself.

    Celery does not check the certificate of a ``rediss://`` server unless told to, and calls
    sockets in the file system, and the number of the database there, by other names.
    """
    parts = urlsplit(redis_url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
        return urlunsplit(parts._replace(query=urlencode(query)))
    if parts.scheme == "unix":
        database = query.get("db", "0")
        return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
    return redis_url
