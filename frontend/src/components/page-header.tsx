// SPDX-License-Identifier: MPL-2.0

import type { ReactNode } from "react";

import { Anchor } from "@/components/ui/anchor";
import { Breadcrumbs, Title } from "@/components/ui/layout";
import { usePageTitle } from "@/lib/use-page-title";

import classes from "./page-header.module.css";

interface Properties {
  title: string;
  /** The page's one main action. */
  action?: ReactNode;
  /** The pages above this one; for details only. */
  above?: { title: string; path: string }[];
  /** A sentence under the title. */
  children?: ReactNode;
}

/** The title of a page, which names the window as well, with its main action on the same line. */
export function PageHeader({ title, action, above = [], children }: Properties) {
  usePageTitle(title);
  return (
    <header className={classes["header"]}>
      {above.length > 0 && (
        <Breadcrumbs>
          {above.map((page) => (
            <Anchor key={page.path} to={page.path} size="sm">
              {page.title}
            </Anchor>
          ))}
        </Breadcrumbs>
      )}
      <div className={classes["line"]}>
        <Title order={1}>{title}</Title>
        {action}
      </div>
      {children !== undefined && <div className={classes["note"]}>{children}</div>}
    </header>
  );
}
