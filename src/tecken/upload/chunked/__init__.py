# SPDX-License-Identifier: MPL-2.0

"""Files that arrive in chunks, as sentry-cli sends them."""
