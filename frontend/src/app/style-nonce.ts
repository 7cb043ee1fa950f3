// SPDX-License-Identifier: MPL-2.0

/** Return the nonce that the server put into the page, without which styles are refused. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

/** Tell it to the library that locks the page behind a dialog, which looks for this name. */
export function shareStyleNonce(): void {
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
}
