// SPDX-License-Identifier: MPL-2.0

export { Tabs } from "@mantine/core";
