// SPDX-License-Identifier: MPL-2.0

import { useEffect } from "react";
import { useLocation, useRouteError } from "react-router";

import { StateMessage } from "@/components/state-message";
import { Code } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { PartMissingError } from "@/lib/load-part";
import { paths } from "@/lib/paths";
import { reportFault } from "@/lib/sentry";
import { shell } from "@/lib/texts/shell";

/** What stands in for a page at an address that has none. */
export function NotFound() {
  const { pathname } = useLocation();
  return (
    <StateMessage title={shell.notFound.title} level={1}>
      <p>{shell.notFound.text(pathname)}</p>
      <Button to={paths.home}>{shell.notFound.home}</Button>
    </StateMessage>
  );
}

/** What stands in for a page that threw an error, or whose code could not be loaded. */
export function Broken() {
  const error = useRouteError();
  useEffect(() => {
    reportFault(error);
  }, [error]);
  const message = error instanceof Error ? error.message : String(error);
  return (
    <StateMessage title={shell.broken.title} level={1}>
      <p>{explain(error)}</p>
      <Code>{message}</Code>
      <Button mt="md" onClick={() => window.location.reload()}>
        {shell.broken.reload}
      </Button>
    </StateMessage>
  );
}

function explain(error: unknown): string {
  if (!(error instanceof PartMissingError)) return shell.broken.text;
  return error.isOutdated ? shell.broken.outdated : shell.broken.missing;
}
