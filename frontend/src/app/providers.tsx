// SPDX-License-Identifier: MPL-2.0

import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { MantineProvider } from "@/components/ui/provider";
import { createQueryClient } from "@/lib/api/query-client";

import { styleNonce } from "./style-nonce";
import { ownColours, theme } from "./theme";

/** What every page stands on: the look, and the cache of answers. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={ownColours}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </MantineProvider>
  );
}
