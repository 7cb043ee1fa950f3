// SPDX-License-Identifier: MPL-2.0

import { Suspense, useEffect, useRef } from "react";
import { Outlet, ScrollRestoration, useLocation, useNavigate } from "react-router";

import { useAppSettings } from "@/lib/app-settings";
import { startSentry } from "@/lib/sentry";
import { useDownSince } from "@/lib/server-state";
import { shell } from "@/lib/texts/shell";
import { paths } from "@/lib/paths";
import { useDropAnywhere } from "@/lib/use-drop";

import { Header } from "./header";
import { DownBar, SessionGone } from "./notices";
import classes from "./shell.module.css";
import { Shortcuts } from "./shortcuts";

/** The frame around every page. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const shown = useRef(pathname);

  const settings = useAppSettings();
  useEffect(() => {
    if (settings !== undefined) startSentry(settings);
  }, [settings]);

  // Whoever listens to the page hears of the new one, as after following a link.
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  useDropAnywhere((kind) => {
    const path = kind === "crash" ? paths.symbolication : paths.newUpload;
    // To go where one is would be a step of its own, with an empty field.
    if (path !== pathname) void navigate(path);
  });
  const isOld = useDownSince() !== null;
  return (
    <>
      <a className={classes["skip"]} href="#main">
        {shell.skip}
      </a>
      <Header />
      <main ref={main} id="main" tabIndex={-1} className={classes["main"]}>
        <SessionGone />
        <div className={classes["page"]} data-old={isOld}>
          <Suspense>
            <Outlet />
          </Suspense>
        </div>
      </main>
      <DownBar />
      <Shortcuts />
      <ScrollRestoration />
    </>
  );
}
