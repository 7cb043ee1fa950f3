// SPDX-License-Identifier: MPL-2.0

import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test } from "vitest";

import { badGateway, endDown, frame, get, nobody, superuser } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();
const noAnswer = () => HttpResponse.error();
const user = {
  id: 7,
  email: "somebody@example.com",
  is_active: true,
  is_superuser: false,
  groups: [],
  created_at: "2026-11-01T00:00:00Z",
  last_login: null,
  uploads_count: 0,
  tokens_count: 0,
};

afterEach(endDown);

function users(emails: string[]) {
  const rows = emails.map((email, id) => ({ ...user, id, email }));
  return { users: rows, page: 1, batch_size: 50, has_next: false, total: rows.length };
}

/** Nothing comes through a proxy, or nothing answers at all. */
function down(answer: () => Response) {
  server.use(http.all("*", answer));
}

function back() {
  server.resetHandlers();
  // Who looks at the page again need not wait until it asks by itself.
  document.dispatchEvent(new Event("visibilitychange"));
}

const bar = () => screen.queryByText("The server does not answer.");

test.each([
  ["there is no answer", noAnswer],
  ["a proxy answers for it", badGateway],
])(
  "a server is down when %s: what is shown stays, and goes on when it is back",
  async (_, answer) => {
    const visitor = userEvent.setup();
    server.use(...frame(), get("/api/_users/", users(["first@example.com"])));
    renderApp("/users");
    await screen.findByRole("link", { name: "first@example.com" });
    down(answer);
    await visitor.type(
      screen.getByRole("combobox", { name: "Filter users" }),
      "email:second{Enter}",
    );
    await waitFor(() => expect(bar()).not.toBeNull());
    screen.getByRole("link", { name: "first@example.com" });
    expect(screen.queryByText(/Failed to fetch/)).toBeNull();
    back();
    server.use(...frame(), get("/api/_users/", users(["second@example.com"])));
    await screen.findByRole("link", { name: "second@example.com" });
    expect(bar()).toBeNull();
  },
);

test("a source that fails is told by its name, and the server is up", async () => {
  const error = "The source s3://symbols does not answer";
  server.use(
    ...frame(),
    get("/api/_users/", () =>
      HttpResponse.json({ error }, { status: 503, headers: { "Retry-After": "3600" } }),
    ),
  );
  renderApp("/users");
  await screen.findByText(error);
  expect(bar()).toBeNull();
  expect(screen.queryByText("You are signed out")).toBeNull();
});

test("what cannot be sent is said not to be, and what is filled in stays", async () => {
  const visitor = userEvent.setup();
  const groups = [{ id: 1, name: "Uploaders" }];
  server.use(...frame(), get("/api/_users/user/7", { user: { ...user, permissions: [] }, groups }));
  renderApp("/users/7");
  await visitor.click(await screen.findByRole("checkbox", { name: "Uploaders" }));
  down(noAnswer);
  await visitor.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText(/nothing was sent/);
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "Uploaders" }).checked).toBe(true);
  expect(bar()).not.toBeNull();
});

test("a server that cannot tell who asks makes nobody a stranger", async () => {
  const fault = () => HttpResponse.json({ error: "The database is locked" }, { status: 500 });
  server.use(get("/api/_auth/", fault), ...frame());
  renderApp("/users");
  await screen.findByText("The database is locked");
  expect(screen.queryByRole("link", { name: "Sign in" })).toBeNull();
  expect(screen.queryByRole("heading", { name: "Sign in to see this page" })).toBeNull();
});

test("a session that has ended is told where something was refused for it", async () => {
  const visitor = userEvent.setup();
  server.use(...frame(), get("/api/_users/", users(["first@example.com"])));
  renderApp("/users");
  await screen.findByRole("link", { name: "first@example.com" });
  server.use(
    get("/api/_auth/", { ...nobody }),
    get("/api/_users/", () => HttpResponse.json({ error: "Forbidden" }, { status: 403 })),
  );
  await visitor.type(screen.getByRole("combobox", { name: "Filter users" }), "email:x{Enter}");
  await screen.findByText("You are signed out");
  screen.getByRole("link", { name: "first@example.com" });
  server.use(get("/api/_auth/", { ...superuser }));
});
