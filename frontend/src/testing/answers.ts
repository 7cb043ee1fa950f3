// SPDX-License-Identifier: MPL-2.0

import { http, HttpResponse, type JsonBodyType } from "msw";

import type { AppSettings, AuthShape } from "@/lib/api/schema";
import { noteAnswer } from "@/lib/server-state";

/** A GET that is answered with JSON, or as a function says. */
export function get(path: string, answer: JsonBodyType | (() => Response)) {
  const respond = () => (answer instanceof Function ? answer() : HttpResponse.json(answer));
  return http.get(`*${path}`, respond);
}

/** What the server says of itself whenever it runs. */
export const heartbeat = get("/__lbheartbeat__", {});

/** What a proxy says of a server that is down. */
export function badGateway() {
  return new HttpResponse("<html><h1>502 Bad Gateway</h1></html>", {
    status: 502,
    statusText: "Bad Gateway",
    headers: { "Content-Type": "text/html" },
  });
}

/** End what a test has begun that took the server down. */
export function endDown() {
  noteAnswer();
  document.dispatchEvent(new Event("visibilitychange"));
}

/** What the frame of every page asks for: who asks, and the settings of the app. */
export function frame(auth: AuthShape = superuser) {
  return [get("/api/_auth/", { ...auth }), get("/api/_app/", { ...settings }), heartbeat];
}

export const superuser: AuthShape = {
  user: { email: "superuser@example.com", is_active: true, is_superuser: true, permissions: [] },
  sign_in_url: "/oidc/authenticate/",
  sign_out_url: "/oidc/logout/",
  read_requires_login: false,
};

export const nobody: AuthShape = { ...superuser, user: null };

const settings: AppSettings = {
  version: "0",
  contact_url: null,
  sentry_dsn: null,
  sentry_environment: "",
  source_url: null,
  default_token_days: 365,
  microsoft_lookup: false,
  upload_limits: {
    max_archive_bytes: 1e9,
    max_members: 1000,
    max_member_bytes: 1e9,
    max_total_bytes: 1e10,
    max_ratio: 1000,
    verify_module: true,
    forbidden_snippets: [],
    allowed_domains: [],
    any_domain: true,
  },
};
