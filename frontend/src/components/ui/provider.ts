// SPDX-License-Identifier: MPL-2.0

export {
  createTheme,
  type CSSVariablesResolver,
  Drawer,
  type MantineColorScheme,
  MantineProvider,
  Modal,
  useMantineColorScheme,
} from "@mantine/core";
