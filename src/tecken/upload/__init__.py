# SPDX-License-Identifier: MPL-2.0

"""Taking symbols in: archives are checked, and what is new in them is stored."""
