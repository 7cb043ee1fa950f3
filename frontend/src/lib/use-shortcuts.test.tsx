// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { useShortcuts, useShortcutsSwitch } from "./use-shortcuts";

function Keys({ said }: { said: string[] }) {
  useShortcuts({ "?": () => said.push("list"), "g u": () => said.push("uploads") });
  return <input aria-label="Filter" />;
}

test("keys act alone and one after the other, but not while somebody types", async () => {
  const said: string[] = [];
  const user = userEvent.setup();
  render(<Keys said={said} />);
  await user.keyboard("?");
  await user.keyboard("gu");
  await user.keyboard("u");
  await user.keyboard("gxu");
  await user.keyboard("{Control>}?{/Control}");
  expect(said).toEqual(["list", "uploads"]);
  await user.type(screen.getByRole("textbox"), "?gu");
  expect(said).toEqual(["list", "uploads"]);
});

test("keys that are switched off do nothing, until they are switched on", async () => {
  const said: string[] = [];
  const user = userEvent.setup();
  function Setting() {
    const [isOn, setOn] = useShortcutsSwitch();
    return (
      <button type="button" onClick={() => setOn(!isOn)}>
        {isOn ? "on" : "off"}
      </button>
    );
  }
  render(
    <>
      <Setting />
      <Keys said={said} />
    </>,
  );
  await user.click(screen.getByRole("button", { name: "on" }));
  await user.keyboard("?gu");
  expect(said).toEqual([]);
  await user.click(screen.getByRole("button", { name: "off" }));
  await user.keyboard("?");
  expect(said).toEqual(["list"]);
});
