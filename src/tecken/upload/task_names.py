# SPDX-License-Identifier: MPL-2.0

"""The names of the background tasks that derive symbols, for those who enqueue them and do not know the rest."""

from typing import Final

DERIVE_UPLOAD: Final = "upload.derive_symbols"
DERIVE_STORED: Final = "upload.derive_stored"
DERIVE_UPSTREAM: Final = "upload.derive_upstream_symbols"
