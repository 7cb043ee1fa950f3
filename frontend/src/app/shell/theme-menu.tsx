// SPDX-License-Identifier: MPL-2.0

import { Keyboard, Monitor, Moon, Sun } from "lucide-react";

import { IconButton } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { shell } from "@/lib/texts/shell";
import { THEMES, useTheme } from "@/lib/use-theme";

import { showShortcuts } from "./shortcuts";

const icons = { light: Sun, dark: Moon, auto: Monitor } as const;

/** Light, dark, or as the system is; and the keys. */
export function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  const Icon = icons[theme];
  return (
    <Menu>
      <Menu.Target>
        <IconButton aria-label={`${shell.theme}: ${shell.themes[theme]}`}>
          <Icon size={18} aria-hidden />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        {THEMES.map((one) => (
          <ThemeItem key={one} theme={one} onChoose={() => setTheme(one)} />
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Keyboard size={16} aria-hidden />} onClick={showShortcuts}>
          {shell.shortcuts.title}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function ThemeItem({ theme, onChoose }: { theme: keyof typeof icons; onChoose: () => void }) {
  const Icon = icons[theme];
  return (
    <Menu.Item leftSection={<Icon size={16} aria-hidden />} onClick={onChoose}>
      {shell.themes[theme]}
    </Menu.Item>
  );
}
