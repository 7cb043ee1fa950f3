// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";

import { useStored } from "./use-stored";

export const THEMES = ["light", "dark", "auto"] as const;
type Theme = (typeof THEMES)[number];

// index.html reads it, too, before anything is drawn.
const KEY = "tecken-theme";

/** Light, dark, or as the system is; and how to change it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [stored, setStored] = useStored(KEY);
  const theme = THEMES.find((one) => one === stored) ?? "auto";

  useEffect(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      const isDark = theme === "auto" ? system.matches : theme === "dark";
      document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
    };
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [theme]);

  return [theme, setStored];
}
