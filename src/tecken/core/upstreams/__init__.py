# SPDX-License-Identifier: MPL-2.0

"""Other symbol servers as sources: ask them, verify what they send, and keep it for a while."""
