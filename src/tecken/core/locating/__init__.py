# SPDX-License-Identifier: MPL-2.0

"""Which source has a symbol key, for downloads and for symbolication."""
