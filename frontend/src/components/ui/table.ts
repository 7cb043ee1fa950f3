// SPDX-License-Identifier: MPL-2.0

export { Table } from "@mantine/core";
