# SPDX-License-Identifier: MPL-2.0

"""A package, so that a fixture may last as long as the tests of this folder."""
