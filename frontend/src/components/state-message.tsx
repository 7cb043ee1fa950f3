// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import { Title } from "@/components/ui/layout";
import { usePageTitle } from "@/lib/use-page-title";

import classes from "./state-message.module.css";

interface Properties {
  title: string;
  /** 1 where it stands in for a whole page, and names the window. */
  level?: 1 | 2;
  children?: ReactNode;
}

/** A quiet block that says why there is nothing else, and what can be done. */
export function StateMessage({ title, level = 2, children }: Properties) {
  usePageTitle(level === 1 ? title : null);
  return (
    <section className={classes["message"]}>
      <Title order={level} size="h2">
        {title}
      </Title>
      {children}
    </section>
  );
}
