// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Status } from "@/components/status";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

import { healthQuery } from "../api/server";
import classes from "./home.module.css";

const words = home.health;

/** How the server is, in a line: that all works, or what does not. */
export function HealthLine() {
  const { data, error } = useQuery(healthQuery);
  const { isSuperuser } = useAuth();
  if (data === undefined) {
    return (
      <p role="status" className={classes["line"]}>
        {error === null ? words.asking : words.unknown}
      </p>
    );
  }
  const wrong = Object.entries(data.checks).filter(([, state]) => state !== "ok");
  return (
    <div role="status" className={classes["line"]}>
      {wrong.length === 0 && <Status name="works" text={words.works} />}
      {wrong.map(([name, state]) => (
        <span key={name}>
          <Status name={state === "error" ? "fails" : "warning"} /> {name}
          {data.details[name] !== undefined && `: ${data.details[name]}`}{" "}
          {name === "tasks" && isSuperuser && <Link to={paths.tasks}>{words.tasks}</Link>}
        </span>
      ))}
    </div>
  );
}
