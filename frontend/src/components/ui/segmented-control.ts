// SPDX-License-Identifier: MPL-2.0

export { SegmentedControl } from "@mantine/core";
