// SPDX-License-Identifier: MPL-2.0

import type { RouteObject } from "react-router";

import { loadPart } from "@/lib/load-part";

import { Broken, NotFound } from "./shell/failures";
import { Shell } from "./shell/shell";

const part =
  <Part,>(load: () => Promise<Part>) =>
  () =>
    loadPart(load);

/** All pages; each file of a feature is loaded when one of its pages is visited. */
export const routes: RouteObject[] = [
  {
    element: <Shell />,
    errorElement: (
      <main>
        <Broken />
      </main>
    ),
    children: [
      {
        errorElement: <Broken />,
        hydrateFallbackElement: <></>, // until the code of the first page is there
        children: [
          { index: true, lazy: part(() => import("@/features/home/home-page")) },
          { path: "uploads", lazy: part(() => import("@/features/uploads/uploads-page")) },
          { path: "uploads/browse", lazy: part(() => import("@/features/uploads/uploads-page")) },
          {
            path: "uploads/upload",
            lazy: part(() => import("@/features/uploads/new-upload-page")),
          },
          {
            path: "uploads/upload/:id",
            lazy: part(() => import("@/features/uploads/upload-page")),
          },
          { path: "uploads/created", lazy: part(() => import("@/features/uploads/created-page")) },
          { path: "uploads/files", lazy: part(() => import("@/features/uploads/files-page")) },
          {
            path: "uploads/files/file/:id",
            lazy: part(() => import("@/features/uploads/file-page")),
          },
          { path: "tokens", lazy: part(() => import("@/features/tokens/tokens-page")) },
          { path: "users", lazy: part(() => import("@/features/users/users-page")) },
          { path: "users/:id", lazy: part(() => import("@/features/users/user-page")) },
          { path: "all-tokens", lazy: part(() => import("@/features/tokens/all-tokens-page")) },
          { path: "audit", lazy: part(() => import("@/features/users/audit-page")) },
          { path: "tasks", lazy: part(() => import("@/features/tasks/tasks-page")) },
          { path: "downloads", lazy: part(() => import("@/features/downloads/downloads-page")) },
          {
            path: "downloads/missing",
            lazy: part(() => import("@/features/downloads/missing-page")),
          },
          {
            path: "downloads/microsoft",
            lazy: part(() => import("@/features/downloads/microsoft-page")),
          },
          {
            path: "symbolication",
            lazy: part(() => import("@/features/symbolication/symbolication-page")),
          },
          {
            path: "modules/:debugFile",
            lazy: part(() => import("@/features/modules/module-page")),
          },
          { path: "help", lazy: part(() => import("@/features/help/help-page")) },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
