# SPDX-License-Identifier: MPL-2.0

"""The shapes of requests and answers that several subjects share."""
