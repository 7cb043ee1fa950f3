# SPDX-License-Identifier: MPL-2.0

"""How an S3 bucket is reached: its server, credentials and time-outs. Imports no client."""

from dataclasses import dataclass, field

PUBLIC_URL_SECONDS = 3_600  # for how long a signed URL can be used
PRIVATE_URL_SECONDS = 300  # where not everybody may read; clocks may differ by a minute or two


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """How long to wait for a connection, and for the next bytes of an answer, in seconds."""

    connect_seconds: float
    read_seconds: float


@dataclass(frozen=True, slots=True)
class S3Options:
    """What holds for all S3 sources; ``region`` is for hosts that name none.

    ``url_seconds`` is for how long a signed URL can be used. Without an access key the client looks where such clients look: profile, instance role.
    """

    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    region: str = "us-east-1"
    url_seconds: int = PUBLIC_URL_SECONDS
    lookup: TimeOuts = TimeOuts(2, 4)
    put: TimeOuts = TimeOuts(10, 30)


@dataclass(frozen=True, slots=True)
class S3Access:
    """Where a bucket is and how it is read; ``public`` means plain HTTP without credentials.

    ``endpoint_url`` is None for Amazon's own service, which is found by its region.
    """

    bucket: str
    region: str
    endpoint_url: str | None
    public: bool
    options: S3Options
