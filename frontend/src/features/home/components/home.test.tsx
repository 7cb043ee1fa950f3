// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { renderAt } from "@/testing/render-at";

import { Home } from "./home";

test("every command names this server", () => {
  const { container } = renderAt("/", <Home serverUrl="https://symbols.example.com" />);
  const commands = [...container.querySelectorAll("code")].map((code) => code.textContent);
  expect(commands).toHaveLength(6);
  for (const command of commands) expect(command).toContain("https://symbols.example.com");
});

test("a command can be copied", async () => {
  const user = userEvent.setup();
  renderAt("/", <Home serverUrl="https://symbols.example.com" />);

  await user.click(screen.getByRole("button", { name: "Copy: upload with tecken" }));

  expect(await navigator.clipboard.readText()).toBe(
    "tecken upload --url https://symbols.example.com symbols.zip",
  );
  screen.getByRole("button", { name: "Copied: upload with tecken" });
});

test("the request in the curl command is a v5 request", () => {
  const { container } = renderAt("/", <Home serverUrl="https://symbols.example.com" />);
  const curl = [...container.querySelectorAll("code")].find((code) =>
    code.textContent.startsWith("curl -d"),
  );
  const body: unknown = JSON.parse(curl?.textContent.split("'")[1] ?? "");
  expect(body).toMatchObject({
    memoryMap: [["hello", expect.any(String)]],
    stacks: [
      [
        [0, 0x114e],
        [0, 0x1179],
      ],
    ],
  });
});
