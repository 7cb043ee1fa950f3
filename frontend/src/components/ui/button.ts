// SPDX-License-Identifier: MPL-2.0

export { ActionIcon, Button, CloseButton, FileButton, UnstyledButton } from "@mantine/core";
