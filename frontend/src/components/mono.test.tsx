// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { Mono } from "./mono";

const ID = "44E4EC8C2F41492B9369D6B9A059577C2";

test("a shortened id is whole in its title and when it is copied", async () => {
  const user = userEvent.setup();
  render(<Mono text={ID} label="debug id" short />);
  expect(screen.getByText("44E4EC8C…9577C2").title).toBe(ID);
  await user.click(screen.getByRole("button", { name: "Copy: debug id" }));
  expect(await navigator.clipboard.readText()).toBe(ID);
  screen.getByRole("button", { name: "Copied: debug id" });
});
