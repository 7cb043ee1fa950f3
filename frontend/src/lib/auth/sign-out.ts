// SPDX-License-Identifier: MPL-2.0

import { csrfToken } from "../api/csrf";

/** Leave this page for the one that follows signing out. A form does it, so that it is a POST. */
export function signOut(url: string): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "csrfmiddlewaretoken";
  field.value = csrfToken();
  form.append(field);
  document.body.append(form);
  form.submit();
}
