// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { Mono } from "@/components/mono";
import { Button } from "@/components/ui/button";
import { TextInput } from "@/components/ui/text-input";
import { uploads } from "@/lib/texts/uploads";

import classes from "./upload-files.module.css";

const AT_ONCE = 200;
const words = uploads.upload;

/** Keys of which nothing else is known, with a field to find one. */
export function KeyList({ label, keys }: { label: string; keys: readonly string[] }) {
  const [wanted, setWanted] = useState("");
  const [most, setMost] = useState(AT_ONCE);
  const needle = wanted.trim().toLowerCase();
  const found = keys.filter((key) => key.toLowerCase().includes(needle));
  const shown = found.slice(0, most);
  return (
    <div>
      <div className={classes["line"]}>
        <TextInput
          label={words.filterKeys}
          placeholder={words.filterPlaceholder}
          value={wanted}
          autoComplete="off"
          spellCheck={false}
          data-page-filter
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <span role="status">{words.shownOf(shown.length, keys.length)}</span>
      </div>
      {found.length === 0 && <p>{words.noKeyMatches(wanted)}</p>}
      <ul className={classes["keys"]} aria-label={label}>
        {shown.map((key) => (
          <li key={key}>
            <Mono text={key} label={key} />
          </li>
        ))}
      </ul>
      {found.length > shown.length && (
        <Button mt="sm" variant="default" size="compact-md" onClick={() => setMost(most + AT_ONCE)}>
          {words.showMore(Math.min(AT_ONCE, found.length - shown.length))}
        </Button>
      )}
    </div>
  );
}
