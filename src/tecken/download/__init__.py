# SPDX-License-Identifier: MPL-2.0

"""Download: symbols are handed out by their key."""
