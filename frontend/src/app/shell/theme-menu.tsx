// SPDX-License-Identifier: MPL-2.0

import { Monitor, Moon, Sun } from "lucide-react";

import { ActionIcon } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { type MantineColorScheme, useMantineColorScheme } from "@/components/ui/provider";
import { shell } from "@/lib/texts/shell";

const icons = { light: Sun, dark: Moon, auto: Monitor } as const;
const schemes: MantineColorScheme[] = ["light", "dark", "auto"];

/** Light, dark, or as the system is. */
export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={`${shell.theme}: ${shell.themes[colorScheme]}`}
        >
          <Icon size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => (
          <SchemeItem
            key={scheme}
            scheme={scheme}
            onChoose={() => {
              setColorScheme(scheme);
            }}
          />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SchemeItem({ scheme, onChoose }: { scheme: MantineColorScheme; onChoose: () => void }) {
  const Icon = icons[scheme];
  return (
    <Menu.Item leftSection={<Icon size={16} />} onClick={onChoose}>
      {shell.themes[scheme]}
    </Menu.Item>
  );
}
