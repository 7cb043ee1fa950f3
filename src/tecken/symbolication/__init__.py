# SPDX-License-Identifier: MPL-2.0

"""Symbolication over HTTP: v5, v4 and the legacy URL."""
