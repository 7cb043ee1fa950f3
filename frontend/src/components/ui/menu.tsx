// SPDX-License-Identifier: MPL-2.0

import {
  createContext,
  type KeyboardEvent,
  type ReactElement,
  cloneElement,
  type ReactNode,
  use,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";

import classes from "./menu.module.css";

interface State {
  id: string;
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
}

const Shown = createContext<State | null>(null);

function Root({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    const close = ({ target }: Event) => {
      if (target instanceof Node && root.current?.contains(target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("focusin", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("focusin", close);
    };
  }, [isOpen]);

  function onKeyDown(event: KeyboardEvent) {
    if (!isOpen || root.current === null) return;
    if (event.key === "Escape") {
      event.preventDefault();
      root.current.querySelector("button")?.focus();
      setOpen(false);
      return;
    }
    const items = [...root.current.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const at = items.findIndex((item) => item === document.activeElement);
    const next = nextOf(event.key, at, items.length);
    if (next === null) return;
    event.preventDefault();
    items[next]?.focus();
  }

  return (
    <Shown value={{ id, isOpen, setOpen }}>
      <div ref={root} className={classes["menu"]} onKeyDown={onKeyDown}>
        {children}
      </div>
    </Shown>
  );
}

/** Return which item a key leads to. */
function nextOf(key: string, at: number, count: number): number | null {
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return at <= 0 ? count - 1 : at - 1;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

function Target({ children }: { children: ReactElement<Record<string, unknown>> }) {
  const state = use(Shown);
  if (state === null) return children;
  const { id, isOpen, setOpen } = state;
  return cloneElement(children, {
    "aria-haspopup": "menu",
    "aria-expanded": isOpen,
    "aria-controls": isOpen ? id : undefined,
    onClick: () => setOpen(!isOpen),
    onKeyDown: (event: KeyboardEvent) => {
      if (isOpen || event.key !== "ArrowDown") return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(true);
    },
  });
}

function Dropdown({ children }: { children: ReactNode }) {
  const state = use(Shown);
  const list = useRef<HTMLDivElement>(null);
  const isOpen = state?.isOpen === true;
  useEffect(() => {
    if (isOpen) list.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <div ref={list} id={state.id} role="menu" className={classes["list"]}>
      {children}
    </div>
  );
}

interface ItemProperties {
  leftSection?: ReactNode;
  onClick: () => void;
  /** A choice that is seen in the menu itself may leave it open. */
  closeMenuOnClick?: boolean;
  children: ReactNode;
}

function Item({ leftSection, onClick, closeMenuOnClick = true, children }: ItemProperties) {
  const state = use(Shown);
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      className={classes["item"]}
      onClick={(event) => {
        onClick();
        if (!closeMenuOnClick) return;
        event.currentTarget
          .closest(`.${String(classes["menu"])}`)
          ?.querySelector("button")
          ?.focus();
        state?.setOpen(false);
      }}
    >
      {leftSection}
      {children}
    </button>
  );
}

function Label({ children }: { children: ReactNode }) {
  return (
    <div role="presentation" className={classes["label"]}>
      {children}
    </div>
  );
}

function Divider() {
  return <hr className={classes["divider"]} />;
}

/** Some actions behind a button: arrows walk, Escape closes, the focus goes back. */
export const Menu = Object.assign(Root, { Target, Dropdown, Item, Label, Divider });
