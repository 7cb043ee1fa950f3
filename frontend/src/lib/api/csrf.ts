// SPDX-License-Identifier: MPL-2.0

/** Return the token that the server wants with whatever changes something; "" without a cookie. */
export function csrfToken(): string {
  const found = /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie);
  return decodeURIComponent(found?.[1] ?? "");
}
