// SPDX-License-Identifier: MPL-2.0

import { symbolication as texts } from "@/lib/texts/symbolication";

import classes from "./page.module.css";

/** Which forms of input there are, while there is no answer yet. */
export function Accepted() {
  return (
    <div className={classes["accepted"]}>
      <h2>{texts.accepted.title}</h2>
      <dl>
        {texts.accepted.forms.map(({ name, about, lines }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {about}
              <pre>{lines}</pre>
            </dd>
          </div>
        ))}
      </dl>
      <p className={classes["quiet"]}>{texts.accepted.privacy}</p>
    </div>
  );
}
