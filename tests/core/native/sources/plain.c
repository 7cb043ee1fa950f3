// SPDX-License-Identifier: MPL-2.0
int opaque(int value) { return value ^ 0x55; }

void fail(int code) { __builtin_trap(); }
