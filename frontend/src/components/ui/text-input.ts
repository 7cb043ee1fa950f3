// SPDX-License-Identifier: MPL-2.0

export { Textarea, TextInput } from "@mantine/core";
