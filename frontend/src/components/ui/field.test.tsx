// SPDX-License-Identifier: MPL-2.0

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type SyntheticEvent, useState } from "react";
import { expect, test, vi } from "vitest";

import { Button, FileButton } from "./button";
import { Checkbox, Switch } from "./checkbox";
import { SegmentedControl } from "./segmented-control";
import { NativeSelect } from "./select";
import { TextInput } from "./text-input";

/** What is read out with an element, beside its name. */
function describedBy(element: HTMLElement): string {
  const ids = element.getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(" ");
}

test("a field tells its help and its error to who does not see them", () => {
  const { rerender } = render(<TextInput label="Label" description="What it is for" />);
  const field = screen.getByRole("textbox", { name: "Label" });
  expect(describedBy(field)).toBe("What it is for");
  expect(field.getAttribute("aria-invalid")).toBeNull();
  rerender(<TextInput label="Label" description="What it is for" error="It is too long" />);
  expect(describedBy(field)).toBe("What it is for It is too long");
  expect(field.getAttribute("aria-invalid")).toBe("true");
});

test("a choice is the browser's own", async () => {
  const user = userEvent.setup();
  const onChange = vi.fn();
  render(
    <NativeSelect
      label="Expires"
      data={["never", { value: "7", label: "in a week" }]}
      onChange={(event) => void onChange(event.currentTarget.value)}
    />,
  );
  await user.selectOptions(screen.getByRole("combobox", { name: "Expires" }), "in a week");
  expect(onChange).toHaveBeenCalledWith("7");
});

function Groups() {
  const [chosen, setChosen] = useState(["1"]);
  return (
    <Checkbox.Group label="Groups" description="Some" value={chosen} onChange={setChosen}>
      <Checkbox value="1" label="Uploaders" description="Store symbols" />
      <Checkbox value="2" label="Auditors" />
    </Checkbox.Group>
  );
}

test("boxes of a group are chosen by their values, by their labels and the space bar", async () => {
  const user = userEvent.setup();
  render(<Groups />);
  const group = screen.getByRole("group", { name: "Groups" });
  expect(describedBy(group)).toBe("Some");
  const [first, second] = screen.getAllByRole<HTMLInputElement>("checkbox");
  await user.click(screen.getByText("Auditors"));
  await user.tab({ shift: true });
  await user.keyboard(" ");
  expect([first?.checked, second?.checked]).toEqual([false, true]);
});

test("a switch says that it is one", async () => {
  const user = userEvent.setup();
  const onChange = vi.fn();
  render(<Switch label="Active" checked={false} onChange={onChange} />);
  await user.click(screen.getByRole("switch", { name: "Active", checked: false }));
  expect(onChange).toHaveBeenCalledOnce();
});

test("of some ways one is chosen, and the keyboard stops at that", async () => {
  const user = userEvent.setup();
  const onChange = vi.fn();
  const data = [
    { value: "file", label: "A file" },
    { value: "url", label: "A URL" },
  ];
  render(<SegmentedControl aria-label="From" value="file" data={data} onChange={onChange} />);
  screen.getByRole("radiogroup", { name: "From" });
  await user.tab();
  expect(document.activeElement).toBe(screen.getByRole("radio", { name: "A file" }));
  await user.click(screen.getByRole("radio", { name: "A URL" }));
  expect(onChange).toHaveBeenCalledWith("url");
});

test("what was chosen is handed on, one file or several", async () => {
  const user = userEvent.setup();
  const onChange = vi.fn();
  const { container } = render(<FileButton onFiles={onChange}>Choose</FileButton>);
  const input = container.querySelector("input");
  if (input === null) throw new Error("no input");
  const file = new File(["MODULE"], "a.sym");
  await user.upload(input, [file]);
  expect(onChange).toHaveBeenCalledWith([file]);
});

test("a button that waits cannot be pressed again, says so, and keeps the focus", async () => {
  const user = userEvent.setup();
  const onClick = vi.fn();
  const onSubmit = vi.fn((event: SyntheticEvent) => event.preventDefault());
  const drawn = (loading: boolean) => (
    <form onSubmit={onSubmit}>
      <input aria-label="Name" />
      <Button type="submit" loading={loading} onClick={onClick}>
        Create
      </Button>
    </form>
  );
  const { rerender } = render(drawn(false));
  const button = screen.getByRole("button", { name: "Create" });
  await user.click(button);
  rerender(drawn(true));
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute("aria-disabled")).toBe("true");
  expect(button.getAttribute("aria-busy")).toBe("true");
  await user.click(button);
  await user.type(screen.getByRole("textbox"), "{Enter}");
  expect([onClick.mock.calls.length, onSubmit.mock.calls.length]).toEqual([1, 1]);
});
