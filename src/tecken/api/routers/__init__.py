# SPDX-License-Identifier: MPL-2.0

"""The endpoints, by subject, with the shapes of their answers. Each reads its request, asks one function, and shapes the answer."""
