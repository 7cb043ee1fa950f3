// SPDX-License-Identifier: MPL-2.0

import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { ApiError } from "@/lib/api/errors";
import type { Rows } from "@/lib/api/rows";
import { renderAt } from "@/testing/render-at";

import { DataList } from "./data-list";
import type { Column, ListFilter } from "./types";
import { useList } from "./use-list";
import { SEARCH, useListState } from "./use-list-state";

interface Fruit {
  id: number;
  name: string;
}
type Load = (query: Record<string, unknown>) => Promise<Rows<Fruit>>;

const filters: ListFilter[] = [
  { name: "name", label: "Name", placeholder: "apple", values: ["unnamed"], also: "fruit" },
  { name: "kind", label: "Kind", choices: [{ value: "stone", label: "Stone fruit" }] },
];
const columns: Column<Fruit>[] = [
  { key: "name", title: "Name", sort: "name", render: (fruit) => <a href="#x">{fruit.name}</a> },
  { key: "id", title: "Number", numeric: true, second: true, render: (fruit) => fruit.id },
];

function Fruits({ load }: { load: Load }) {
  const list = useList({
    name: "fruits",
    state: useListState(["name", "kind", SEARCH]),
    load,
    rowKey: (fruit) => fruit.id,
    news: true,
  });
  return (
    <DataList
      list={list}
      label="Fruits"
      nouns={["fruit", "fruits"]}
      columns={columns}
      filters={filters}
      rowPath={(fruit) => `/fruits/${String(fruit.id)}`}
      bulk={{
        may: (fruit) => fruit.name !== "Durian",
        nameOf: (fruit) => fruit.name,
        actions: (fruits) => <b>Eat {fruits.map((fruit) => fruit.name).join(" and ")}</b>,
      }}
      empty={<p>No fruit yet</p>}
    />
  );
}

function page(names: string[], more: Partial<Rows<Fruit>> = {}): Rows<Fruit> {
  const rows = names.map((name, index) => ({ id: index + 1, name }));
  return { rows, page: 1, batch_size: 2, has_next: false, ...more };
}

function show(address: string, load: Load) {
  return renderAt(address, <Fruits load={load} />);
}

const field = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Filter fruits" });

test("the address is what is asked for and what the field shows", async () => {
  const load = vi.fn<Load>(() => Promise.resolve(page(["Plum"])));
  show("/fruits?name=plum&kind=stone&q=ripe", load);
  await screen.findByText("Plum");
  expect(load.mock.calls[0]?.[0]).toEqual({ name: "plum", kind: "stone", q: "ripe" });
  expect(field().value).toBe("ripe");
  const chips = within(screen.getByRole("list", { name: "Active filters" }));
  chips.getByRole("button", { name: "Change the filter Name plum" });
  chips.getByRole("button", { name: "Change the filter Kind Stone fruit" });
});

test("free text and typed conditions are applied on Enter, and go to the first page", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits?page=2", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  await user.click(field());
  await user.paste("ripe name = fig");
  await user.keyboard("{Enter}");
  expect(router.state.location.search).toBe("?name=%3D+fig&q=ripe");
  expect(field().value).toBe("ripe");
});

test("a column that is typed with its colon becomes a chip that is filled in", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  await user.type(field(), "name:");
  const chip = await screen.findByRole("textbox", { name: "Name" });
  expect(document.activeElement).toBe(chip);
  await user.keyboard("a fig{Enter}");
  expect(router.state.location.search).toBe("?name=a+fig");
  expect(document.activeElement).toBe(field());
  await user.keyboard("{Backspace}{Escape}");
  expect(router.state.location.search).toBe("?name=a+fig");
});

test("columns are listed, completed and chosen with the keyboard", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  await user.click(screen.getByRole("button", { name: "Add filter" }));
  expect(screen.getAllByRole("option")).toHaveLength(2);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("option")).toBeNull();
  await user.keyboard("ki");
  expect(screen.getAllByRole("option")).toHaveLength(1);
  await user.keyboard("{ArrowDown}{Enter}");
  const chip = await screen.findByRole("combobox", { name: "Kind" });
  await user.selectOptions(chip, "Stone fruit");
  await user.keyboard("{Enter}");
  expect(router.state.location.search).toBe("?kind=stone");
});

test("a value is completed with its column, and what was typed before it stays", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  await user.type(field(), "ripe unn{ArrowDown}{Enter}");
  expect(router.state.location.search).toBe("?name=unnamed&q=ripe");
  expect(field().value).toBe("ripe");
});

test("a chip takes its filter away, and one button all of them", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits?name=a&kind=stone", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  await user.click(screen.getByRole("button", { name: "Remove the filter Name a" }));
  expect(router.state.location.search).toBe("?kind=stone");
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(router.state.location.search).toBe("");
});

test("what is wrong with a field stands under it, and the rows stay", async () => {
  const user = userEvent.setup();
  show("/fruits", (query) =>
    query["name"] === undefined
      ? Promise.resolve(page(["Plum"]))
      : Promise.reject(new ApiError(400, "name: no such fruit", { name: ["no such fruit"] })),
  );
  await screen.findByText("Plum");
  await user.type(field(), "name:");
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "car{Enter}");
  await screen.findByText("no such fruit");
  const refused = screen.getByRole("textbox", { name: "Name" });
  expect(refused.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(refused);
  screen.getByText("Plum");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("trouble that is no field's is told in the server's words, with a way to try again", async () => {
  const user = userEvent.setup();
  let isAway = true;
  show("/fruits", () =>
    isAway ? Promise.reject(new ApiError(500, "Out of fruit")) : Promise.resolve(page(["Plum"])),
  );
  expect((await screen.findByRole("alert")).textContent).toContain("Out of fruit");
  isAway = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("Plum");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("nothing yet and nothing that matches are told apart", async () => {
  const empty = () => Promise.resolve(page([]));
  const first = show("/fruits", empty);
  await screen.findByText("No fruit yet");
  first.unmount();
  show("/fruits?name=car", empty);
  await screen.findByRole("heading", { name: "Nothing matches" });
  screen.getByText("No row fits Name “car”.");
});

test("one is told when only the newest rows were looked through", async () => {
  const first = show("/fruits?name=lum", () =>
    Promise.resolve(page(["Plum"], { only_newest: 50_000 })),
  );
  await screen.findByText("Row 1. Looked for in the newest 50,000 rows only.");
  first.unmount();
  show("/fruits?name=car", () => Promise.resolve(page([], { only_newest: 50_000 })));
  await screen.findByText("Looked for in the newest 50,000 rows only.");
});

test("a header says how rows are sorted, and sorts", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  await screen.findByText("Plum");
  const header = screen.getByRole("columnheader", { name: "Name" });
  expect(header.getAttribute("aria-sort")).toBe("none");
  await user.click(within(header).getByRole("button"));
  expect(router.state.location.search).toBe("?sort=name&reverse=true");
  expect(header.getAttribute("aria-sort")).toBe("descending");
});

test("one pages to what is older, and sees where one is", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", (query) =>
    Promise.resolve(
      query["page"] === 2 ? page(["Fig"], { page: 2 }) : page(["Plum", "Pear"], { has_next: true }),
    ),
  );
  await screen.findByText("Rows 1 to 2");
  await user.click(screen.getByRole("button", { name: "Older" }));
  await screen.findByText("Row 3");
  expect(router.state.location.search).toBe("?page=2");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Older" }).disabled).toBe(true);
  await user.click(screen.getByRole("button", { name: "Newer" }));
  await screen.findByText("Rows 1 to 2");
});

test("a click on a row follows its link; one on something in it does not", async () => {
  const user = userEvent.setup();
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  await user.click(await screen.findByText("Plum"));
  expect(router.state.location.pathname).toBe("/fruits");
  await user.click(screen.getByRole("cell", { name: "1" }));
  expect(router.state.location.pathname).toBe("/fruits/1");
});

test("a click with another button or a key opens another tab", async () => {
  const user = userEvent.setup();
  const opened = vi.spyOn(window, "open").mockReturnValue(null);
  const { router } = show("/fruits", () => Promise.resolve(page(["Plum"])));
  const cell = await screen.findByRole("cell", { name: "1" });
  await user.pointer({ keys: "[MouseMiddle]", target: cell });
  await user.keyboard("{Control>}");
  await user.click(cell);
  expect(opened.mock.calls.map(([path]) => path)).toEqual(["/fruits/1", "/fruits/1"]);
  expect(router.state.location.pathname).toBe("/fruits");
});

test("what can be done with several rows is offered for those that are chosen", async () => {
  const user = userEvent.setup();
  show("/fruits", () => Promise.resolve(page(["Plum", "Durian", "Fig"])));
  await user.click(await screen.findByRole("checkbox", { name: "Choose Plum" }));
  screen.getByText("Eat Plum");
  expect(screen.queryByRole("checkbox", { name: "Choose Durian" })).toBeNull();
  const all = screen.getByRole<HTMLInputElement>("checkbox", { name: /Choose all/ });
  expect(all.indeterminate).toBe(true);
  await user.click(all);
  screen.getByText("Eat Plum and Fig");
  await user.click(all);
  expect(screen.queryByText(/^Eat/)).toBeNull();
});

test("new rows are told of, and shown when somebody asks", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    let names = ["Plum"];
    const load = vi.fn<Load>(() => Promise.resolve(page(names)));
    show("/fruits", load);
    await screen.findByText("Plum");
    names = ["Plum", "Pear"];
    await vi.advanceTimersByTimeAsync(31_000);
    const button = await screen.findByRole("button", { name: "1 new fruit, show" });
    expect(screen.queryByText("Pear")).toBeNull();
    await user.click(button);
    screen.getByText("Pear");
    expect(screen.queryByRole("button", { name: /new fruit/ })).toBeNull();
    expect(load).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});
