// SPDX-License-Identifier: MPL-2.0

import { Fragment } from "react";

/** A key, which breaks after its slashes where it can. */
export function KeyText({ text }: { text: string }) {
  const parts = text.split("/");
  return parts.map((part, number) => (
    <Fragment key={number}>
      {part}
      {number < parts.length - 1 && (
        <>
          /<wbr />
        </>
      )}
    </Fragment>
  ));
}
