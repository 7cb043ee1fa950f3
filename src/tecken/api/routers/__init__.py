# SPDX-License-Identifier: MPL-2.0

"""The endpoints, by subject. Each reads its request, asks one function, and shapes the answer."""
