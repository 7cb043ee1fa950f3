// SPDX-License-Identifier: MPL-2.0

import { fireEvent, screen } from "@testing-library/react";
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

test("of two zips that are dropped beside the zone none is taken silently", async () => {
  const permissions = [{ id: 3, codename: "upload.upload_symbols", name: "Upload" }];
  const user = { email: "a@example.com", is_active: true, is_superuser: false, permissions };
  server.use(
    ...frame({ ...nobody, user }),
    get("/api/uploads/_possible_upload_urls/", { urls: [] }),
  );
  renderApp("/uploads/upload");
  await screen.findByText("Drop a zip here, or");
  const files = ["a.zip", "b.zip"].map((name) => new File(["x"], name));
  fireEvent.drop(document.body, { dataTransfer: { types: ["Files"], files } });
  await screen.findByText(/One zip at a time: nothing was taken/);
  screen.getByText("Drop a zip here, or");
});
