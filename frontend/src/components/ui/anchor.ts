// SPDX-License-Identifier: MPL-2.0

export { Anchor } from "@mantine/core";
