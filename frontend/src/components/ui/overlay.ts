// SPDX-License-Identifier: MPL-2.0

export { Drawer, Modal } from "@mantine/core";
