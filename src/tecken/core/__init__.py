# SPDX-License-Identifier: MPL-2.0

"""The domain: symbol files, lookup, archives, storage. It knows no web framework and no settings."""
