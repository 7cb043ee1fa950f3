// SPDX-License-Identifier: MPL-2.0

export { Menu } from "@mantine/core";
