# SPDX-License-Identifier: MPL-2.0

"""Symbolication over HTTP: v5, v4, the legacy URL, and crash texts."""
