// SPDX-License-Identifier: MPL-2.0

import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { tokens as tokenWords } from "@/lib/texts/tokens";
import { frame, get, nobody, superuser } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();
const permission = { id: 3, codename: "tokens.manage_tokens", name: "Manage" };
const manager = { ...superuser, user: { ...superuser.user, permissions: [permission] } };
const token = {
  id: 7,
  user: "superuser@example.com",
  notes: "nightly",
  key_prefix: "3f9a01c2",
  permissions: [permission],
  created_at: "2026-11-01T00:00:00Z",
  last_used_at: null,
  expires_at: "2030-11-01T00:00:00Z",
  is_expired: false,
};

function tokens(rows: (typeof token)[]) {
  const page = { page: 1, batch_size: 50, has_next: false, totals: {} };
  return get("/api/tokens/", { tokens: rows, permissions: [permission], ...page });
}

async function open() {
  server.use(...frame(manager as typeof superuser), tokens([token]));
  renderApp("/tokens");
  const user = userEvent.setup();
  const opener = await screen.findByRole("button", { name: /Delete .*nightly/ });
  await user.click(opener);
  return { user, opener, dialog: within(await screen.findByRole("dialog")) };
}

test("behind a dialog the focus is where it came from", async () => {
  const { user, opener, dialog } = await open();
  const [cancel] = dialog.getAllByRole("button", { name: tokenWords.delete.cancel });
  if (cancel !== undefined) await user.click(cancel);
  await waitFor(() => expect(document.activeElement).toBe(opener));
});

test("where what was asked about is gone, the focus is at the content", async () => {
  const { user, dialog } = await open();
  server.use(
    http.delete("*/api/tokens/token/7", () => HttpResponse.json({})),
    tokens([]),
  );
  await user.click(dialog.getByRole("button", { name: /Delete/ }));
  await waitFor(() => {
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement?.id).toBe("main");
  });
});

test("a session that ended inside a dialog is told there, with what is filled in", async () => {
  const { user, dialog } = await open();
  server.use(
    get("/api/_auth/", { ...nobody }),
    http.delete("*/api/tokens/token/7", () =>
      HttpResponse.json({ error: "Forbidden" }, { status: 403 }),
    ),
  );
  await user.click(dialog.getByRole("button", { name: /Delete/ }));
  await dialog.findByText(/session has ended, so this was not done/);
  dialog.getByRole("link", { name: "Sign in" });
});
