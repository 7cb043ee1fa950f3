# SPDX-License-Identifier: MPL-2.0

"""Who may do what: users, their groups, and API tokens."""
