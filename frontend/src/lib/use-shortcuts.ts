// SPDX-License-Identifier: MPL-2.0

import { useEffect, useRef } from "react";

import { useStored } from "./use-stored";

const SEQUENCE_MILLISECONDS = 1500;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/**
 * Whether keys do anything, and how to switch them off, in this browser.
 *
 * A single letter is easily said to a computer that listens (WCAG 2.1.4).
 */
export function useShortcutsSwitch(): [isOn: boolean, set: (isOn: boolean) => void] {
  const [stored, setStored] = useStored("tecken-shortcuts");
  return [stored !== "off", (isOn) => setStored(isOn ? "on" : "off")];
}

/**
 * Call functions by keys: `{"/": …, "g u": …}`. A second key must follow within 1.5 seconds.
 *
 * Nothing happens while somebody types, or with Ctrl, Alt or Meta, which belong to the browser.
 */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const [isOn] = useShortcutsSwitch();
  const current = useRef(actions);
  useEffect(() => {
    current.current = actions;
  });

  useEffect(() => {
    if (!isOn) return;
    let first = "";
    let timer: ReturnType<typeof setTimeout> | undefined;

    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const keys = first === "" ? event.key : `${first} ${event.key}`;
      clearTimeout(timer);
      first = "";
      const action = current.current[keys];
      if (action !== undefined) {
        event.preventDefault();
        action();
      } else if (Object.keys(current.current).some((name) => name.startsWith(`${event.key} `))) {
        first = event.key;
        timer = setTimeout(() => {
          first = "";
        }, SEQUENCE_MILLISECONDS);
      }
    }

    document.addEventListener("keydown", onKeyDown);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [isOn]);
}
