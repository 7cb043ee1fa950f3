// SPDX-License-Identifier: MPL-2.0

import { createTheme, type CSSVariablesResolver, Drawer, Modal } from "@mantine/core";

// A dialog's header is an element `header`, which would be a second banner of the page.
const attributes = { header: { role: "presentation" } };

export const theme = createTheme({
  primaryColor: "blue",
  // The default shade of filled buttons has too little contrast with their text.
  primaryShade: { light: 8, dark: 8 },
  fontFamily: "system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Drawer: Drawer.extend({ defaultProps: { attributes } }),
    Modal: Modal.extend({ defaultProps: { attributes } }),
  },
  headings: { sizes: { h1: { fontSize: "1.5rem" }, h2: { fontSize: "1.125rem" } } },
});

/** Greys that can be read: the defaults for quiet texts have a contrast below 4.5. */
export const readableGreys: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#525a66",
    "--mantine-color-placeholder": "#626a75",
    "--mantine-color-anchor": "#0b5cad",
    "--mantine-color-error": "#c1121f",
  },
  dark: {
    "--mantine-color-dimmed": "#b0b6bf",
    "--mantine-color-placeholder": "#a3a9b3",
    "--mantine-color-anchor": "#7ab8ff",
    "--mantine-color-error": "#ff8787",
    // Notices and quiet buttons: a hint of their colour is enough on a dark page.
    "--mantine-color-red-light": "#3a2022",
    "--mantine-color-red-light-color": "#ff9c94",
    "--mantine-color-yellow-light": "#362a17",
    "--mantine-color-yellow-light-color": "#f2b866",
    "--mantine-color-green-light": "#1c3122",
    "--mantine-color-green-light-color": "#7fd699",
    "--mantine-color-blue-light": "#1b2c3f",
    "--mantine-color-blue-light-color": "#7ab8ff",
  },
});
