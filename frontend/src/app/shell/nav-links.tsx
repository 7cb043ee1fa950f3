// SPDX-License-Identifier: MPL-2.0

import { clsx } from "clsx";
import { NavLink } from "react-router";

import { useAuth } from "@/lib/auth/use-auth";

import { destinations } from "./navigation";
import classes from "./shell.module.css";

/** Links to the pages that the person may use. */
export function NavLinks({ onFollow }: { onFollow?: () => void }) {
  const auth = useAuth();
  return (
    <ul className={classes["links"]}>
      {destinations(auth).map(({ title, path }) => (
        <li key={path}>
          <NavLink className={clsx(classes["link"])} to={path} onClick={() => onFollow?.()}>
            {title}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
