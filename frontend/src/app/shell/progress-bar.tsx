// SPDX-License-Identifier: MPL-2.0

import { useIsFetching } from "@tanstack/react-query";
import { useNavigation } from "react-router";

import { useDebouncedValue } from "@/components/ui/hooks";
import { shell } from "@/lib/texts/shell";

import classes from "./shell.module.css";

// What is quicker than this needs no bar.
const DELAY_MILLISECONDS = 150;

/** A thin bar on top while a page, or what it shows, is on its way. */
export function ProgressBar() {
  const { state } = useNavigation();
  const asked = useIsFetching({ predicate: (query) => query.meta?.["quiet"] !== true });
  const isBusy = state !== "idle" || asked > 0;
  const [isSlow] = useDebouncedValue(isBusy, DELAY_MILLISECONDS);
  if (!isBusy || !isSlow) return null;
  return <div className={classes["progress"]} role="progressbar" aria-label={shell.loading} />;
}
