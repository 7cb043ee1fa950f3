// SPDX-License-Identifier: MPL-2.0

import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { frame as shell, get, nobody } from "@/testing/answers";
import { renderApp } from "@/testing/render-app";
import { mockServer } from "@/testing/server";

import type { Answer, Frame } from "./output/answer";

const server = mockServer();

const frame: Frame = {
  line: 1,
  module: null,
  module_offset: null,
  address: null,
  function: null,
  file: null,
  line_number: null,
  inlines: [],
  found: false,
};
const named = { ...frame, module: "walk.pdb", module_offset: "0x12", function: "f", found: true };

/** Answer with these frames, and with the text that was asked as that with names. */
function answer(frames: Frame[], more: Partial<Answer> = {}) {
  server.use(
    ...shell(nobody),
    http.post("*/symbolicate/text", async ({ request }) => {
      const body: Answer = {
        format: "gdb",
        title: null,
        modules: [],
        threads: [{ name: null, crashed: true, frames }],
        frames: frames.length,
        named: 1,
        unread: [],
        text: await request.text(),
        ...more,
      };
      return HttpResponse.json({ ...body });
    }),
  );
}

async function symbolicate(text: string) {
  const user = userEvent.setup();
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /Stacks/ });
  await user.clear(field);
  await user.click(field);
  await user.paste(text);
  await user.click(screen.getByRole("button", { name: "Symbolicate" }));
  await screen.findByText(/Answered in/);
}

test("no frame is missing, whatever is known of its module", async () => {
  answer([
    named,
    { ...frame, module: "unknown.so", module_offset: "0x55" },
    { ...frame, address: "0xdeadbeef" },
    { ...frame, function: "malloc", module: "libc.so.6" },
    { ...frame, line: 2 },
  ]);
  renderApp("/symbolication");
  await symbolicate("a text\n  #4 <signal handler called>");
  expect(rows()).toEqual([
    "0 f walk.pdb",
    "1 unknown.so + 0x55",
    "2 0xdeadbeef",
    "3 malloc libc.so.6",
    "4 #4 <signal handler called>",
  ]);
  expect(screen.getByTitle("walk.pdb + 0x12").textContent).toBe("walk.pdb");
});

/** What stands in each line of a stack, inlined calls included. */
function rows(name = "Stack"): string[] {
  const stack = screen.getByRole("region", { name });
  const calls = [...stack.querySelectorAll("li > div, li:has(> button)")];
  return calls.map((call) =>
    [...call.children]
      .map((cell) => cell.textContent)
      .filter((text) => text !== "")
      .join(" "),
  );
}

test("inlined calls stand under their frame with its number, and many are folded", async () => {
  const call = (name: string) => ({ function: name, file: `/src/${name}.h`, line_number: 3 });
  const place = { file: "/src/main.cc", line_number: 12 };
  answer([
    { ...named, ...place, inlines: [call("inner"), call("outer")] },
    { ...named, ...place, inlines: ["a", "b", "c", "d", "e"].map(call) },
  ]);
  renderApp("/symbolication");
  await symbolicate("a text");
  expect(rows()).toEqual([
    "0 f main.cc:12 walk.pdb",
    "0.1 inner inner.h:3 inlined",
    "0.2 outer outer.h:3 inlined",
    "1 f main.cc:12 walk.pdb",
    "1.1 a a.h:3 inlined",
    "+4 inlined",
  ]);
  await userEvent.click(screen.getByRole("button", { name: "+4 inlined" }));
  expect(rows().slice(-2)).toEqual(["1.4 d d.h:3 inlined", "1.5 e e.h:3 inlined"]);
});

test("the headline tells what went wrong, how much has names, and what is missing", async () => {
  const module = { code_file: null, code_id: null, assumed: false, error: null };
  answer([named, { ...frame, module: "libxul.so", module_offset: "0x55" }], {
    title: "SIGSEGV at 0x10",
    modules: [
      { ...module, debug_file: "walk.pdb", debug_id: "A1", found: true },
      { ...module, debug_file: "libxul.so", debug_id: "B2", found: false },
    ],
  });
  server.use(get("/api/source-lines/", { has_sources: false, first: null, lines: [] }));
  renderApp("/symbolication");
  await symbolicate("a text");
  screen.getByRole("heading", { level: 2, name: "SIGSEGV at 0x10" });
  const main = within(screen.getByRole("main"));
  expect(main.getByRole("status").textContent).toBe("1 of 2 frames named · libxul.so missing");
  const missing = within(screen.getByRole("region", { name: "Modules without symbols" }));
  expect(missing.getByRole("listitem").textContent).toContain("1 frame");
  const upload = missing.getByRole("link", { name: "Upload its symbols" });
  expect(upload.getAttribute("href")).toBe("/uploads/upload");
});

test("a hundred threads are a hundred lines, after the one that crashed", async () => {
  const threads = Array.from({ length: 101 }, (_, at) => ({
    name: null,
    crashed: at === 50,
    frames: [{ ...named, function: `top_${String(at)}` }, named],
  }));
  answer([], { threads, frames: 202, named: 202 });
  renderApp("/symbolication");
  await symbolicate("a text");
  expect(rows("Thread 50 (crashed)")).toEqual(["0 top_50 walk.pdb", "1 f walk.pdb"]);
  const others = within(screen.getByRole("region", { name: "Other threads" }));
  const lines = others.getAllByRole("listitem");
  expect(lines).toHaveLength(100);
  expect(lines[0]?.textContent).toBe("Thread 0top_02 frames");
  const details = lines[0]?.querySelector("details");
  if (details) details.open = true;
  await waitFor(() => expect(rows("Thread 0")).toEqual(["0 top_0 walk.pdb", "1 f walk.pdb"]));
});

test("what is copied is what the server wrote", async () => {
  answer([named]);
  renderApp("/symbolication");
  await symbolicate("the text");
  await userEvent.click(screen.getByRole("button", { name: "Copy as text" }));
  expect(await navigator.clipboard.readText()).toBe("the text");
});

test("a frame opens to the lines around where its sources are here", async () => {
  const module = { code_file: null, code_id: null, assumed: false, error: null };
  answer([{ ...named, file: "/src/main.cc", line_number: 12 }], {
    modules: [{ ...module, debug_file: "walk.pdb", debug_id: "A1", found: true }],
  });
  server.use(
    http.get("*/api/source-lines/", ({ request }) => {
      const file = new URL(request.url).searchParams.get("file");
      const lines = file === null ? [] : ["int main() {", "  crash();"];
      return HttpResponse.json({ has_sources: true, first: file === null ? null : 11, lines });
    }),
  );
  renderApp("/symbolication");
  await symbolicate("a text");
  const opener = await screen.findByRole("button", { name: "Source around main.cc:12" });
  await userEvent.click(opener);
  expect(opener.getAttribute("aria-expanded")).toBe("true");
  const source = await screen.findByLabelText("/src/main.cc around line 12");
  expect(source.querySelector("[aria-current]")?.textContent).toBe("  crash();\n");
});

test("each symbolication is a step in the history", async () => {
  answer([named]);
  const { router } = renderApp("/symbolication");
  await symbolicate("first");
  const { hash } = router.state.location;
  await symbolicate("second");
  await waitFor(() => expect(router.state.location.hash).not.toBe(hash));
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: /Stacks/ });
  await act(() => router.navigate(-1));
  await waitFor(() => expect(field.value).toBe("first"));
  await screen.findByText(/Answered in/);
  await act(() => router.navigate(-1));
  await waitFor(() => expect(field.value).toBe(""));
  expect(router.state.location.pathname).toBe("/symbolication");
  await screen.findByRole("heading", { name: "What this page takes" });
});
