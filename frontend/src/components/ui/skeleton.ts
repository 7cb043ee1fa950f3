// SPDX-License-Identifier: MPL-2.0

export { Skeleton } from "@mantine/core";
