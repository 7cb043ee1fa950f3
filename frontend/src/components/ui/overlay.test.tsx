// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";

import { Button } from "./button";
import { Dialog } from "./overlay";

function Question() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete</Button>
      {isOpen && (
        <Dialog onClose={() => setOpen(false)} title="Delete the token?" close="Keep it">
          <Button data-autofocus>Delete it</Button>
        </Dialog>
      )}
    </>
  );
}

test("a dialog has its title for a name, begins where it says, and ends by its cross", async () => {
  const user = userEvent.setup();
  render(<Question />);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  screen.getByRole("dialog", { name: "Delete the token?" });
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Delete it" }));
  await user.click(screen.getByRole("button", { name: "Keep it" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});
