// SPDX-License-Identifier: MPL-2.0

import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";

import { createQueryClient } from "@/lib/api/query-client";

/** Render at an address, which changes as it does in a browser: `router.state.location`. */
export function renderAt(address: string, element: ReactNode) {
  const queryClient = createQueryClient();
  queryClient.setDefaultOptions({ queries: { retry: false } });
  const router = createMemoryRouter([{ path: "*", element }], { initialEntries: [address] });
  const shown = render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return { ...shown, router, queryClient };
}
