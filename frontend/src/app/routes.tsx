// SPDX-License-Identifier: MPL-2.0

import type { RouteObject } from "react-router";

import { Broken, NotFound } from "./shell/failures";
import { Shell } from "./shell/shell";

/** All pages; each file of a feature is loaded when one of its pages is visited. */
export const routes: RouteObject[] = [
  {
    element: <Shell />,
    hydrateFallbackElement: <></>, // until the code of the first page is there
    errorElement: (
      <main>
        <Broken />
      </main>
    ),
    children: [
      {
        errorElement: <Broken />,
        children: [
          { index: true, lazy: () => import("@/features/home/home-page") },
          { path: "uploads", lazy: () => import("@/features/uploads/uploads-page") },
          { path: "uploads/browse", lazy: () => import("@/features/uploads/uploads-page") },
          { path: "uploads/upload", lazy: () => import("@/features/uploads/new-upload-page") },
          { path: "uploads/upload/:id", lazy: () => import("@/features/uploads/upload-page") },
          { path: "uploads/created", lazy: () => import("@/features/uploads/created-page") },
          { path: "uploads/files", lazy: () => import("@/features/uploads/files-page") },
          { path: "uploads/files/file/:id", lazy: () => import("@/features/uploads/file-page") },
          { path: "tokens", lazy: () => import("@/features/tokens/tokens-page") },
          { path: "users", lazy: () => import("@/features/users/users-page") },
          { path: "users/:id", lazy: () => import("@/features/users/user-page") },
          { path: "all-tokens", lazy: () => import("@/features/tokens/all-tokens-page") },
          { path: "audit", lazy: () => import("@/features/users/audit-page") },
          { path: "tasks", lazy: () => import("@/features/tasks/tasks-page") },
          { path: "downloads", lazy: () => import("@/features/downloads/downloads-page") },
          { path: "downloads/missing", lazy: () => import("@/features/downloads/missing-page") },
          {
            path: "downloads/microsoft",
            lazy: () => import("@/features/downloads/microsoft-page"),
          },
          {
            path: "symbolication",
            lazy: () => import("@/features/symbolication/symbolication-page"),
          },
          { path: "help", lazy: () => import("@/features/help/help-page") },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
