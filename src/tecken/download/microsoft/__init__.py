# SPDX-License-Identifier: MPL-2.0

"""Symbol files of Windows itself, made from what Microsoft's symbol server has."""
