// SPDX-License-Identifier: MPL-2.0

import type { AppSettings } from "./api/schema";

type Sentry = typeof import("./sentry-parts");

let started: Promise<Sentry> | null = null;

/**
 * Tell the Sentry server of the settings of faults from now on.
 *
 * Where none is set, nothing happens: not even the code for it is loaded. It is told of faults alone,
 * not of visits.
 */
export function startSentry(settings: AppSettings): void {
  const { sentry_dsn: dsn, sentry_environment: environment, version } = settings;
  if (dsn === null || started !== null) return;
  started = import("./sentry-parts").then((sentry) => {
    sentry.init({
      dsn,
      environment,
      release: `tecken@${version}`,
      integrations: (usual) => usual.filter(({ name }) => name !== "BrowserSession"),
    });
    return sentry;
  });
}

/** Tell of a fault that the router has caught; others are seen without. */
export function reportFault(error: unknown): void {
  void started?.then((sentry) => sentry.captureException(error));
}
