// SPDX-License-Identifier: MPL-2.0

import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { expect, test } from "vitest";

import { frame as shell, nobody } from "@/testing/answers";
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
  ]);
  renderApp("/symbolication");
  await symbolicate("a text");
  const stack = screen.getByRole("region", { name: "Stack" });
  const shown = within(stack).getAllByRole("listitem");
  expect(shown.map((item) => item.textContent)).toEqual([
    "0fwalk.pdb + 0x12",
    "1unknown.so + 0x55",
    "20xdeadbeef",
    "3malloclibc.so.6",
  ]);
});

test("each symbolication is a step in the history", async () => {
  answer([named]);
  const { router } = renderApp("/symbolication");
  await symbolicate("first");
  const { hash } = router.state.location;
  await symbolicate("second");
  await waitFor(() => {
    expect(router.state.location.hash).not.toBe(hash);
  });
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: /Stacks/ });
  await act(() => router.navigate(-1));
  await waitFor(() => {
    expect(field.value).toBe("first");
  });
  await screen.findByText(/Answered in/);
  await act(() => router.navigate(-1));
  await waitFor(() => {
    expect(field.value).toBe("");
  });
  expect(router.state.location.pathname).toBe("/symbolication");
  await screen.findByRole("heading", { name: "What this page takes" });
});
