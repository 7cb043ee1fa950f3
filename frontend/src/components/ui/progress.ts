// SPDX-License-Identifier: MPL-2.0

export { Progress } from "@mantine/core";
