# SPDX-License-Identifier: MPL-2.0

"""Tecken: a symbol server."""
