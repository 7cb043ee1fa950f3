// SPDX-License-Identifier: MPL-2.0

export { Code, Kbd, Pill } from "@mantine/core";
