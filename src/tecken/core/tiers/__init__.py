# SPDX-License-Identifier: MPL-2.0

"""Caches of symbol tables, from near to far: memory, node cache, shared cache."""
