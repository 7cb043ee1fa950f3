# SPDX-License-Identifier: MPL-2.0

"""Running programs on files that strangers made."""
