// SPDX-License-Identifier: MPL-2.0

import type { RouteObject } from "react-router";

import { loadPart } from "@/lib/load-part";

import pages from "./pages.json";
import { Broken, NotFound } from "./shell/failures";
import { Shell } from "./shell/shell";

// The build has each in a file of its own, and the server tells the browser at once which it needs.
const parts = import.meta.glob<Pick<RouteObject, "Component">>("../features/*/*-page.tsx");

function pageAt([path, name]: [string, string]): RouteObject {
  const load = parts[`../features/${name}.tsx`];
  if (load === undefined) throw new Error(`pages.json: there is no ${name}`);
  const lazy = () => loadPart(load);
  return path === "" ? { index: true, lazy } : { path, lazy };
}

/** All pages, by `pages.json`; each is loaded when it is visited. */
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
        children: [...Object.entries(pages).map(pageAt), { path: "*", element: <NotFound /> }],
      },
    ],
  },
];
