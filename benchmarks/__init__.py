# SPDX-License-Identifier: MPL-2.0

"""Programs that measure Tecken, and what they share."""
