// SPDX-License-Identifier: MPL-2.0

export { NativeSelect } from "@mantine/core";
