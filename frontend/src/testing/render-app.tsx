// SPDX-License-Identifier: MPL-2.0

import { render } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";

import { Providers } from "@/app/providers";
import { routes } from "@/app/routes";

/** Render the whole app at an address: its own routes, frame and transport; `mockServer` answers. */
export function renderApp(address: string) {
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const shown = render(
    <Providers>
      <RouterProvider router={router} />
    </Providers>,
  );
  return { ...shown, router };
}
