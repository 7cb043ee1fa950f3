// SPDX-License-Identifier: MPL-2.0

import { createTheme, type CSSVariablesResolver, Drawer, Modal } from "@/components/ui/provider";

// A dialog's header is an element `header`, which would be a second banner of the page.
const attributes = { header: { role: "presentation" } };

// theme.css has the measures; here the component library is told of them.
export const theme = createTheme({
  fontFamily: "var(--face)",
  fontFamilyMonospace: "var(--face-mono)",
  fontSizes: {
    xs: "var(--text-xs)",
    sm: "var(--text-s)",
    md: "var(--text-m)",
    lg: "var(--text-l)",
    xl: "var(--text-xl)",
  },
  spacing: {
    xs: "var(--space-1)",
    sm: "var(--space-1h)",
    md: "var(--space-2)",
    lg: "var(--space-3)",
    xl: "var(--space-4)",
  },
  radius: { sm: "var(--radius)" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Drawer: Drawer.extend({ defaultProps: { attributes } }),
    Modal: Modal.extend({ defaultProps: { attributes } }),
  },
  headings: {
    fontWeight: "var(--weight-strong)",
    sizes: {
      h1: { fontSize: "var(--text-xxl)", lineHeight: "var(--line-xxl)" },
      h2: { fontSize: "var(--text-xl)", lineHeight: "var(--line-xl)" },
      h3: { fontSize: "var(--text-l)", lineHeight: "var(--line-l)" },
    },
  },
});

/** Its colours are those of theme.css, which knows light and dark itself. */
export const ownColours: CSSVariablesResolver = () => {
  const variables = {
    "--mantine-color-body": "var(--page)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-quiet)",
    "--mantine-color-placeholder": "var(--ink-quiet)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-error": "var(--bad)",
    "--mantine-color-default": "var(--raised)",
    "--mantine-color-default-color": "var(--ink)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-border": "var(--line)",
    "--mantine-primary-color-filled": "var(--accent)",
    "--mantine-primary-color-filled-hover": "var(--accent-strong)",
    "--mantine-primary-color-contrast": "var(--on-accent)",
    "--mantine-color-red-light": "var(--bad-wash)",
    "--mantine-color-red-light-color": "var(--bad)",
    "--mantine-color-yellow-light": "var(--warn-wash)",
    "--mantine-color-yellow-light-color": "var(--warn)",
    "--mantine-color-green-light": "var(--good-wash)",
    "--mantine-color-green-light-color": "var(--good)",
    "--mantine-color-blue-light": "var(--accent-wash)",
    "--mantine-color-blue-light-color": "var(--accent)",
  };
  return { variables: {}, light: variables, dark: variables };
};
