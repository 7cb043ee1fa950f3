// SPDX-License-Identifier: MPL-2.0

import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { frame, get, nobody } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();

test("another page of a list is read from its top", async () => {
  const page = { uploads: [], page: 2, batch_size: 50, has_next: true, can_view_all: true };
  server.use(...frame(), get("/api/uploads/", page));
  renderApp("/uploads?page=2");
  const scroll = vi.spyOn(window, "scrollTo");
  await userEvent.setup().click(await screen.findByRole("button", { name: "Older" }));
  expect(scroll).toHaveBeenCalledWith(0, 0);
});

test("what is dropped anywhere is taken: each zip by itself, other files together", async () => {
  const permissions = [{ id: 3, codename: "upload.upload_symbols", name: "Upload" }];
  const user = { email: "a@example.com", is_active: true, is_superuser: false, permissions };
  server.use(
    ...frame({ ...nobody, user }),
    get("/api/uploads/_possible_upload_urls/", { urls: [] }),
  );
  const { router } = renderApp("/help");
  await screen.findByRole("heading", { level: 1, name: "Help" });
  const files = ["a.zip", "b.zip", "c.so"].map((name) => new File(["x"], name));
  fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files } });
  await screen.findByRole("heading", { level: 1, name: "Upload symbols" });
  expect(router.state.location.pathname).toBe("/uploads/upload");
  for (const name of ["a.zip", "b.zip", "c.so.zip"]) await screen.findByRole("region", { name });
  await screen.findByText(/None of these files can be uploaded/);
  await userEvent.setup().click(screen.getByRole("button", { name: "Remove b.zip" }));
  expect(screen.queryByRole("region", { name: "b.zip" })).toBeNull();
});

test("the text of a crash that is dropped leads to a stack", async () => {
  server.use(...frame(nobody));
  const { router } = renderApp("/help");
  await screen.findByRole("heading", { level: 1, name: "Help" });
  const files = [new File(["#0 0x1 in f"], "crash.txt")];
  fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files } });
  await waitFor(() => expect(router.state.location.pathname).toBe("/symbolication"));
});
