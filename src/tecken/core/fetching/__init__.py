# SPDX-License-Identifier: MPL-2.0

"""Fetching files from URLs that clients name, without being led where nobody should be led."""
