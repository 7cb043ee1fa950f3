// SPDX-License-Identifier: MPL-2.0

import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import type { LookedUpFile, LookupAnswer } from "@/lib/api/schema";
import { frame, get, nobody, superuser } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

const server = mockServer();
const ID = "44E4EC8C2F41492B9369D6B9A059577C2";
const NOW = new Date().toISOString();

const nothing: LookupAnswer = {
  ...{ name: "", id: "", found: null, names: [], files: [], needs_sign_in: false },
};
const file: LookedUpFile = {
  debug_file: "xul.pdb",
  debug_id: ID,
  code_file: null,
  code_id: null,
  symbol_key: `xul.pdb/${ID}/xul.sym`,
  kind: "breakpad",
  size: 12,
  try_symbols: false,
  created_at: NOW,
  url: `/xul.pdb/${ID}/xul.sym`,
  file_id: 7,
  upload_id: 3,
};
const key = {
  symbol_key: file.symbol_key,
  found: true,
  pending: null,
  source: "s",
  size: 12,
  url: "/x",
};

/** Answer so to texts that are looked up, and tell which were. */
function answer(answers: Record<string, Partial<LookupAnswer>>, who = superuser) {
  const asked: string[] = [];
  server.use(
    ...frame(who),
    http.get("*/api/lookup/", ({ request }) => {
      const text = new URL(request.url).searchParams.get("q") ?? "";
      asked.push(text);
      return HttpResponse.json({ ...nothing, ...answers[text] });
    }),
    get("/api/modules/", { debug_file: "xul.pdb", total: 0, ids: [], before: null }),
    get("/api/find/", key),
    get("/api/near/", { debug_file: "xul.pdb", debug_ids: [], total: 0 }),
  );
  return asked;
}

/** Open a page with the box. */
async function open(answers: Record<string, Partial<LookupAnswer>>, who = superuser) {
  const asked = answer(answers, who);
  const { router } = renderApp("/no-such-page");
  const user = userEvent.setup();
  await screen.findByRole("heading", { level: 1 });
  const field = screen.getByRole<HTMLInputElement>("combobox", {
    name: "Look up a file or module",
  });
  return { user, field, router, asked };
}

test("a slash leads to the box, and suggestions are walked with the keyboard alone", async () => {
  const names = [
    { debug_file: "libxul.so", ids: 1000, newest: NOW },
    { debug_file: "xul.pdb", ids: 1, newest: NOW },
  ];
  const { user, field, router } = await open({ xul: { names, files: [file] } });
  await user.keyboard("/");
  expect(document.activeElement).toBe(field);
  await user.keyboard("xul");
  const list = await screen.findByRole("listbox", { name: "What is here" });
  await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(3));
  const options = within(list).getAllByRole("option");
  expect(options[0]?.textContent).toContain("1,000 or more ids");
  expect(field.getAttribute("aria-expanded")).toBe("true");
  expect(field.getAttribute("aria-activedescendant")).toBeNull();
  await user.keyboard("{ArrowDown}{ArrowDown}");
  expect(field.getAttribute("aria-activedescendant")).toBe(options[1]?.id);
  expect(options[1]?.getAttribute("aria-selected")).toBe("true");
  await user.keyboard("{ArrowUp}{ArrowUp}{ArrowUp}"); // over the field, to the last
  expect(options[2]?.getAttribute("aria-selected")).toBe("true");
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/uploads/files/file/7"));
});

test("Enter goes where a pasted key leads, without waiting for suggestions", async () => {
  const { user, field, router } = await open({ [file.symbol_key]: { found: key } });
  await user.click(field);
  await user.paste(file.symbol_key);
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/modules/xul.pdb"));
  expect(router.state.location.search).toBe(`?id=${ID}`);
  await screen.findByText("Found");
});

test.each(["/", "/downloads"])("an old link to a key at %s leads to its answer", async (path) => {
  answer({ [file.symbol_key]: { found: key } }, nobody);
  const { router } = renderApp(`${path}?find=${file.symbol_key}&try=true`);
  await screen.findByText("Found");
  expect(router.state.location.pathname + router.state.location.search).toBe(
    `/modules/xul.pdb?id=${ID}`,
  );
});

test("an old link to what is nothing here says so below the box", async () => {
  answer({}, nobody);
  renderApp("/downloads?find=none");
  expect(await screen.findAllByDisplayValue("none")).toHaveLength(1);
  await screen.findByText("Nothing like it is here");
});

test("while one types fast, the server is asked for the last alone", async () => {
  const { user, field, asked } = await open({});
  await user.type(field, "libxul");
  await screen.findByText("Nothing like it is here");
  expect(asked.at(-1)).toBe("libxul");
  expect(asked.length).toBeLessThan(4);
});

test("who has not signed in is told what signing in would bring", async () => {
  const { user, field } = await open({ xul: { needs_sign_in: true } }, nobody);
  await user.type(field, "xul");
  const way = await screen.findByRole("link", { name: "Sign in to search by name" });
  expect(way.getAttribute("href")).toContain("next=%2Fno-such-page");
});

test("Escape closes the suggestions, then empties the field, then leaves it", async () => {
  const { user, field } = await open({ xul: { files: [file] } });
  await user.type(field, "xul");
  await screen.findByRole("option");
  await user.keyboard("{Escape}");
  expect(field.getAttribute("aria-expanded")).toBe("false");
  expect(field.value).toBe("xul");
  await user.keyboard("{Escape}");
  expect(field.value).toBe("");
  await user.keyboard("{Escape}");
  expect(document.activeElement).not.toBe(field);
});

test("a lookup that fails says why", async () => {
  const { user, field } = await open({});
  server.use(
    http.get("*/api/lookup/", () => HttpResponse.json({ error: "Too many" }, { status: 429 })),
  );
  await user.type(field, "xul");
  await screen.findByText("The lookup failed: Too many");
});

test("the page of a module lists its ids, page after page", async () => {
  const older = { ...file, debug_id: "A".repeat(33), file_id: null, upload_id: null };
  server.use(
    ...frame(),
    http.get("*/api/modules/", ({ request }) => {
      const before = new URL(request.url).searchParams.get("before");
      return HttpResponse.json({
        debug_file: "xul.pdb",
        total: 3028,
        ids: [before === null ? file : older],
        before: before === null ? 5 : null,
      });
    }),
  );
  renderApp("/modules/xul.pdb");
  await screen.findByText("3,028 ids of xul.pdb are here, newest first.");
  const list = screen.getByRole("list", { name: "Ids of this name" });
  expect(within(list).getByRole("link", { name: "Upload 3" }).getAttribute("href")).toBe(
    "/uploads/upload/3",
  );
  await userEvent.click(screen.getByRole("button", { name: "Show older ids" }));
  await waitFor(() => expect(within(list).getAllByRole("listitem")).toHaveLength(2));
  expect(screen.queryByRole("button", { name: "Show older ids" })).toBeNull();
});
