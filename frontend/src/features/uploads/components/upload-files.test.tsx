// SPDX-License-Identifier: MPL-2.0

import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import type { UploadDetail } from "@/lib/api/schema";
import { renderAt } from "@/testing/render-at";

import { UploadFiles } from "./upload-files";

const upload = {
  id: 7,
  files_count: 2,
  skipped_count: 1,
  ignored_count: 1,
  skipped_keys: ["xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym"],
  ignored_keys: ["README"],
} as UploadDetail;

test("which files of an upload are shown is in the address", async () => {
  const user = userEvent.setup();
  const address = "/uploads/upload/7?files=skipped&page=3";
  const { router } = renderAt(address, <UploadFiles upload={upload} />);
  screen.getByRole("tab", { name: "Skipped (1)", selected: true });
  screen.getByRole("tabpanel", { name: "Skipped (1)" });
  await user.click(screen.getByRole("tab", { name: "Ignored (1)" }));
  expect(screen.getByRole("tabpanel", { name: "Ignored (1)" }).textContent).toContain("README");
  expect(router.state.location.search).toBe("?files=ignored");
});
