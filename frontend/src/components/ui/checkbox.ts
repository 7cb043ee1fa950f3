// SPDX-License-Identifier: MPL-2.0

export { Checkbox, Switch } from "@mantine/core";
