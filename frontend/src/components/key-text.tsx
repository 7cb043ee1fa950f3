// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
