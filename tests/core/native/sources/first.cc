// SPDX-License-Identifier: MPL-2.0
#include "shared.h"

namespace {
__attribute__((noinline)) int hidden(int value) { return opaque(value) * 3; }
}

namespace shop {
struct Till {
  int total;
  explicit Till(int first) : total(opaque(first)) {}
  ~Till() { opaque(total); }
  template <class T> int add(T value) {
    struct Rounder {
      static int round(T raw) { return hidden((int)raw) + 1; }
    };
    total += Rounder::round(value);
    return total;
  }
};
}  // namespace shop

extern "C" int by_lambda(int count) {
  auto step = [&](int value) {
    struct Local {
      __attribute__((noinline)) static int deep(int inner) { return opaque(inner) + 5; }
    };
    return Local::deep(value) + count;
  };
  return step(1) + step(2);
}

int sell(int count) {
  shop::Till till(count);
  int sum = 0;
  for (int i = 0; i < count; i++) sum += till.add(i) + till.add(2.5 * i);
  if (__builtin_expect(sum == 77, 0)) fail(sum);
  return sum + twice(count);
}
