// SPDX-License-Identifier: MPL-2.0

export { Breadcrumbs, Collapse, Group, Stack, Text, Title } from "@mantine/core";
