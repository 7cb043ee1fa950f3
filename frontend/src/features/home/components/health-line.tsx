// SPDX-License-Identifier: MPL-2.0

import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { Status } from "@/components/status";
import { healthQuery } from "@/lib/api/health-query";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { home } from "@/lib/texts/home";

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
          {isSuperuser && <More about={name} />}
        </span>
      ))}
    </div>
  );
}

/** The page that has more on what is wrong. */
function More({ about }: { about: string }) {
  if (about === "tasks") return <Link to={paths.tasks}>{words.tasks}</Link>;
  if (about.startsWith("source ")) return <Link to={paths.sources}>{words.sources}</Link>;
  return null;
}
