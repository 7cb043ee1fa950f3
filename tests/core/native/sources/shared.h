// SPDX-License-Identifier: MPL-2.0
extern "C" int opaque(int);
extern "C" void fail(int) __attribute__((cold, noreturn));

__attribute__((noinline)) inline int twice(int value) { return opaque(value) + value; }

template <class T> struct Pair {
  T left, right;
  Pair(T l, T r) : left(l), right(r) {}
  __attribute__((noinline)) T product() const { return opaque(left) * right; }
};
