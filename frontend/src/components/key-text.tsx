// SPDX-License-Identifier: MPL-2.0

import { Fragment } from "react";

import { Shortened } from "./shortened";

/** A key, which breaks after its slashes where it can; long parts of it have no middle. */
export function KeyText({ text }: { text: string }) {
  const parts = text.split("/");
  return parts.map((part, number) => (
    <Fragment key={number}>
      <Shortened text={part} most={48} />
      {number < parts.length - 1 && (
        <>
          /<wbr />
        </>
      )}
    </Fragment>
  ));
}
