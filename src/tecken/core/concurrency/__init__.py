# SPDX-License-Identifier: MPL-2.0

"""Threads and processes that work side by side: pools, single-flight, semaphores, circuit breakers."""
