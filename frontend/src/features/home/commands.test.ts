// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { commandsFor } from "./commands";

const commands = commandsFor("https://symbols.example.com").map(({ text }) => text);

test("every command names this server", () => {
  for (const command of commands) expect(command).toContain("https://symbols.example.com");
});

test("the request in the curl command is a v5 request", () => {
  const curl = commands.find((command) => command.startsWith("curl -d"));
  const body: unknown = JSON.parse(curl?.split("'")[1] ?? "");
  expect(body).toEqual({
    memoryMap: [["hello", expect.any(String)]],
    stacks: [
      [
        [0, 0x114e],
        [0, 0x1179],
      ],
    ],
  });
});
