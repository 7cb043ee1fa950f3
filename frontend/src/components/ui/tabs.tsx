// SPDX-License-Identifier: MPL-2.0

import { createContext, type KeyboardEvent, type ReactNode, use, useId, useState } from "react";

import { type Margins, partMargins } from "./own-props";
import classes from "./tabs.module.css";

interface State {
  id: string;
  value: string;
  choose: (value: string) => void;
}

const Chosen = createContext<State>({ id: "", value: "", choose: () => undefined });

interface TabsProperties extends Margins {
  /** Which is shown, where somebody else keeps it: in the page's address, say. */
  value?: string;
  onChange?: (value: string) => void;
  defaultValue?: string;
  children: ReactNode;
}

function Root({ value, onChange, defaultValue = "", children, ...margins }: TabsProperties) {
  const [own, setOwn] = useState(defaultValue);
  const [style] = partMargins(margins);
  const id = useId();
  const choose = (name: string) => {
    setOwn(name);
    onChange?.(name);
  };
  return (
    <Chosen value={{ id, value: value ?? own, choose }}>
      <div style={style}>{children}</div>
    </Chosen>
  );
}

function List({ children, ...margins }: Margins & { children: ReactNode }) {
  const [style] = partMargins(margins);
  return (
    <div role="tablist" className={classes["list"]} style={style} onKeyDown={walk}>
      {children}
    </div>
  );
}

/** Arrows lead from tab to tab, and show what they lead to. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  const at = tabs.findIndex((tab) => tab === document.activeElement);
  const steps: Record<string, number> = {
    ArrowRight: (at + 1) % tabs.length,
    ArrowLeft: (at + tabs.length - 1) % tabs.length,
    Home: 0,
    End: tabs.length - 1,
  };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  tabs[next]?.focus();
  tabs[next]?.click();
}

function Tab({ value, children }: { value: string; children: ReactNode }) {
  const { id, value: shown, choose } = use(Chosen);
  const isShown = value === shown;
  return (
    <button
      type="button"
      role="tab"
      id={`${id}-${value}`}
      aria-selected={isShown}
      aria-controls={isShown ? `${id}-${value}-panel` : undefined}
      tabIndex={isShown ? 0 : -1}
      className={classes["tab"]}
      onClick={() => choose(value)}
    >
      {children}
    </button>
  );
}

function Panel({ value, children }: { value: string; children: ReactNode }) {
  const { id, value: shown } = use(Chosen);
  if (value !== shown) return null;
  return (
    <div role="tabpanel" id={`${id}-${value}-panel`} aria-labelledby={`${id}-${value}`}>
      {children}
    </div>
  );
}

/** Several views of one thing, of which one is shown. */
export const Tabs = Object.assign(Root, { List, Tab, Panel });
