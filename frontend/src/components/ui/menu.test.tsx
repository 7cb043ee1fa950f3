// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { Button } from "./button";
import { Menu } from "./menu";

function renderMenu() {
  const onChoose = vi.fn();
  const onStay = vi.fn();
  render(
    <>
      <Menu>
        <Menu.Target>
          <Button>Account</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Signed in</Menu.Label>
          <Menu.Item closeMenuOnClick={false} onClick={onStay}>
            Stays open
          </Menu.Item>
          <Menu.Item onClick={onChoose}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <button type="button">Elsewhere</button>
    </>,
  );
  return { onChoose, onStay, target: screen.getByRole("button", { name: "Account" }) };
}

test("arrows walk through a menu, Enter chooses, and the focus goes back", async () => {
  const user = userEvent.setup();
  const { onChoose, target } = renderMenu();
  await user.tab();
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Stays open" }));
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Sign out" }));
  await user.keyboard("{ArrowDown}{End}{Enter}");
  expect(onChoose).toHaveBeenCalledOnce();
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(target);
});

test("an arrow opens a menu, Escape closes it", async () => {
  const user = userEvent.setup();
  const { target } = renderMenu();
  await user.tab();
  await user.keyboard("{ArrowDown}");
  expect(target.getAttribute("aria-expanded")).toBe("true");
  screen.getByRole("menu");
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(target);
});

test("a menu closes for what is elsewhere, by pointer and by key", async () => {
  const user = userEvent.setup();
  const { target } = renderMenu();
  const elsewhere = screen.getByRole("button", { name: "Elsewhere" });
  await user.click(target);
  await user.click(elsewhere);
  expect(screen.queryByRole("menu")).toBeNull();
  await user.click(target);
  await user.tab();
  expect(document.activeElement).toBe(elsewhere);
  expect(screen.queryByRole("menu")).toBeNull();
});

test("a choice that is seen in the menu leaves it open", async () => {
  const user = userEvent.setup();
  const { target, onStay } = renderMenu();
  await user.click(target);
  await user.click(screen.getByRole("menuitem", { name: "Stays open" }));
  expect(onStay).toHaveBeenCalledOnce();
  screen.getByRole("menu");
});
