// SPDX-License-Identifier: MPL-2.0
#include "shared.h"

int other(int value) { return twice(value) + Pair<int>(value, 2).product(); }
