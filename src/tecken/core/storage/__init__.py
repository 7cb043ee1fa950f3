# SPDX-License-Identifier: MPL-2.0

"""Where objects are kept: one protocol, several back ends."""
