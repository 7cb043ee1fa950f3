// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";
import { useNavigate } from "react-router";

import { Kbd } from "@/components/ui/badge";
import { Switch } from "@/components/ui/checkbox";
import { useDisclosure } from "@/components/ui/hooks";
import { Dialog } from "@/components/ui/overlay";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { shell } from "@/lib/texts/shell";
import { useShortcuts, useShortcutsSwitch } from "@/lib/use-shortcuts";

import { focusLookup } from "./header-lookup";
import { destinations } from "./navigation";
import classes from "./shell.module.css";

const words = shell.shortcuts;

const openers = new Set<() => void>();

/** Show the list of keys, for who does not use them. */
export function showShortcuts(): void {
  for (const open of openers) open();
}

/** The keys that work on every page, and their list. */
export function Shortcuts() {
  const navigate = useNavigate();
  const [isOpen, { open, close }] = useDisclosure();
  const [isOn, setOn] = useShortcutsSwitch();
  useEffect(() => {
    openers.add(open);
    return () => void openers.delete(open);
  }, [open]);
  const pages = [{ title: shell.nav.home, path: paths.home, key: "o" }, ...destinations(useAuth())];

  useShortcuts({
    "?": open,
    "/": focusLookup,
    f: focusFilter,
    ...Object.fromEntries(pages.map(({ path, key }) => [`g ${key}`, () => void navigate(path)])),
  });

  if (!isOpen) return null;
  return (
    <Dialog onClose={close} title={words.title}>
      <table className={classes["keys"]}>
        <tbody>
          <Row keys={["?"]} text={words.open} />
          <Row keys={["/"]} text={words.lookup} />
          <Row keys={["f"]} text={words.filter} />
          {pages.map(({ title, key }) => (
            <Row key={key} keys={["g", key]} text={words.goTo(title)} />
          ))}
        </tbody>
      </table>
      <Switch
        label={words.on}
        description={words.onText}
        checked={isOn}
        onChange={(event) => setOn(event.currentTarget.checked)}
      />
    </Dialog>
  );
}

function Row({ keys, text }: { keys: string[]; text: string }) {
  return (
    <tr>
      <td>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && ` ${words.then} `}
            <Kbd>{key}</Kbd>
          </span>
        ))}
      </td>
      <td>{text}</td>
    </tr>
  );
}

/** Pages mark the field that one looks for first with `data-page-filter`. */
function focusFilter() {
  document.querySelector<HTMLElement>("[data-page-filter]")?.focus();
}
