// SPDX-License-Identifier: MPL-2.0

export { Alert } from "@mantine/core";
