// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { Tabs } from "./tabs";

test("tabs are one stop of the keyboard, and arrows lead from one to the next", async () => {
  const user = userEvent.setup();
  render(
    <Tabs defaultValue="stored">
      <Tabs.List>
        <Tabs.Tab value="stored">Stored</Tabs.Tab>
        <Tabs.Tab value="skipped">Skipped</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="stored">
        <button type="button">What was stored</button>
      </Tabs.Panel>
      <Tabs.Panel value="skipped">What was there</Tabs.Panel>
    </Tabs>,
  );
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Stored" }));
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "What was stored" }));
  await user.tab({ shift: true });
  await user.keyboard("{ArrowRight}");
  const skipped = screen.getByRole("tab", { name: "Skipped", selected: true });
  expect(document.activeElement).toBe(skipped);
  expect(screen.getByRole("tabpanel", { name: "Skipped" }).textContent).toBe("What was there");
  await user.keyboard("{ArrowRight}");
  screen.getByRole("tabpanel", { name: "Stored" });
});
