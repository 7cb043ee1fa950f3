// SPDX-License-Identifier: MPL-2.0

/**
 * What the server has written into the page, so that nothing waits for it: by the name that
 * `tecken.web.page` has for it; undefined where it has not.
 *
 * It is what was so when the page was loaded.
 */
export function told(name: string): unknown {
  const text = document.getElementById("told")?.textContent;
  if (text === undefined) return undefined;
  return (JSON.parse(text) as Record<string, unknown>)[name];
}
