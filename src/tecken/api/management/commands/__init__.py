# SPDX-License-Identifier: MPL-2.0

"""Commands of ``tecken manage``."""
