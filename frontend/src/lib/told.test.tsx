// SPDX-License-Identifier: MPL-2.0

import { screen } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { afterEach, expect, test, vi } from "vitest";

import { frame, heartbeat, superuser } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();

afterEach(() => {
  document.getElementById("told")?.remove();
});

function tell(facts: unknown) {
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "told";
  script.textContent = JSON.stringify(facts);
  document.head.append(script);
}

test("who asks is known from the page, and nothing is asked for it", async () => {
  const asked = vi.fn(() => HttpResponse.json({}, { status: 500 }));
  server.use(http.all("*", asked), heartbeat);
  tell({ auth: superuser, app: { sentry_dsn: null } });
  renderApp("/nowhere");
  screen.getByRole("button", { name: "Account: superuser@example.com" });
  screen.getByRole("link", { name: "User management" });
  await screen.findByRole("heading", { name: "There is no such page" });
  expect(asked).not.toHaveBeenCalled();
});

test("a page that was told nothing asks", async () => {
  server.use(...frame());
  renderApp("/nowhere");
  await screen.findByRole("button", { name: "Account: superuser@example.com" });
});
