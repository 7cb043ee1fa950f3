// SPDX-License-Identifier: MPL-2.0

import { NavLink } from "react-router";

import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

import classes from "./sections.module.css";

const words = uploads.sections;

/** The way between the lists of this feature, for those who may see more than their own uploads. */
export function Sections() {
  const { may, isSuperuser } = useAuth();
  if (!may("upload.view_all_uploads") && !isSuperuser) return null;
  const links = [
    { path: paths.uploads, text: words.uploads },
    { path: paths.files, text: words.files },
    { path: paths.created, text: words.created },
  ];
  return (
    <nav aria-label={words.label} className={classes["sections"]}>
      {links.map(({ path, text }) => (
        <NavLink key={path} to={path} end className={classes["link"] ?? ""}>
          {text}
        </NavLink>
      ))}
    </nav>
  );
}
