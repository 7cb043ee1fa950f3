// SPDX-License-Identifier: MPL-2.0

import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { frame, nobody } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();

test("who does not use the keys finds their list in a menu, and switches them off", async () => {
  const user = userEvent.setup();
  server.use(...frame());
  const { router } = renderApp("/nowhere");
  await user.click(await screen.findByRole("button", { name: "Theme: As the system" }));
  await user.click(screen.getByRole("menuitem", { name: "Keyboard shortcuts" }));
  screen.getByRole("dialog", { name: "Keyboard shortcuts" });
  await user.click(screen.getByRole("switch", { name: "Use these keys" }));
  await user.click(screen.getByRole("button", { name: "Close" }));
  await user.keyboard("gh?");
  expect(router.state.location.pathname).toBe("/nowhere");
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a theme is kept, and is that of the system where none was chosen", async () => {
  const user = userEvent.setup();
  server.use(...frame());
  renderApp("/nowhere");
  const { dataset } = document.documentElement;
  await waitFor(() => expect(dataset["theme"]).toBe("light"));
  await user.click(await screen.findByRole("button", { name: "Theme: As the system" }));
  await user.click(screen.getByRole("menuitem", { name: "Dark" }));
  expect([dataset["theme"], localStorage.getItem("tecken-theme")]).toEqual(["dark", "dark"]);
  screen.getByRole("button", { name: "Theme: Dark" });
});

test("what is dropped before its page can take it does not lead there again", async () => {
  server.use(...frame(nobody));
  const { router } = renderApp("/uploads/upload");
  await screen.findByRole("heading", { level: 1, name: "Sign in to see this page" });
  const { key } = router.state.location;
  const files = [new File(["x"], "a.zip")];
  fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files } });
  await new Promise((done) => setTimeout(done)); // until it is known what the file is for
  expect(router.state.location.key).toBe(key);
});
