// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";

import { Providers } from "./providers";
import { routes } from "./routes";

/** The whole app: one router for the life of the page. */
export function App() {
  const [router] = useState(() => createBrowserRouter(routes));
  return (
    <Providers>
      <RouterProvider router={router} />
    </Providers>
  );
}
