// SPDX-License-Identifier: MPL-2.0

import { useState } from "react";

import { ErrorMessage } from "@/components/error-message";
import { Skeleton } from "@/components/ui/skeleton";
import { TextInput } from "@/components/ui/text-input";
import { home } from "@/lib/texts/home";

import classes from "./home.module.css";

const words = home.server;

interface Value {
  key: string;
  value: string;
  origin?: string;
}

interface Properties {
  what: string;
  rows: Value[] | undefined;
  withOrigin?: boolean;
  error: Error | null;
  onRetry: () => void;
}

/** Names and values, with a field that leaves those that have a text in them. */
export function ValuesTable({ what, rows, withOrigin = false, error, onRetry }: Properties) {
  const [typed, setTyped] = useState("");
  if (error !== null) return <ErrorMessage error={error} onRetry={onRetry} />;
  if (rows === undefined) return <Skeleton height={400} />;
  const sought = typed.trim().toLowerCase();
  const shown = rows.filter(({ key, value }) => `${key} ${value}`.toLowerCase().includes(sought));
  return (
    <>
      <TextInput
        maw="20rem"
        my="sm"
        aria-label={words.filter(what)}
        placeholder={words.filter(what)}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {shown.length === 0 && <p>{words.none}</p>}
      {shown.length > 0 && (
        <table aria-label={what} className={classes["values"]}>
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col">{words.value}</th>
              {withOrigin && <th scope="col">{words.origin}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, value, origin }) => (
              <tr key={key}>
                <td>
                  <code>{key}</code>
                </td>
                <td>
                  <code>{value}</code>
                </td>
                {withOrigin && <td>{origin}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
