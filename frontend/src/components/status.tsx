// SPDX-License-Identifier: MPL-2.0

import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  CircleX,
  Clock,
  FlaskConical,
  ShieldCheck,
  SkipForward,
  Trash2,
  TriangleAlert,
} from "lucide-react";

import { statuses } from "@/lib/texts/lists";

import classes from "./status.module.css";

export type StatusName = keyof typeof statuses;

const icons = {
  found: CircleCheck,
  complete: CircleCheck,
  stored: CircleCheck,
  active: CircleCheck,
  missing: CircleX,
  incomplete: CircleDashed,
  skipped: SkipForward,
  ignored: CircleSlash,
  try: FlaskConical,
  expired: Clock,
  inactive: Ban,
  unknown: CircleHelp,
  works: CircleCheck,
  fails: CircleX,
  soon: Clock,
  permitted: CircleCheck,
  forbidden: CircleSlash,
  superuser: ShieldCheck,
  warning: TriangleAlert,
  waiting: Clock,
  pending: Clock,
  running: CircleDashed,
  failed: CircleX,
  done: CircleCheck,
  deleted: Trash2,
} as const;

interface Properties {
  name: StatusName;
  /** Another word than the usual one. */
  text?: string;
}

/** How something is: a word and an icon, never colour alone. */
export function Status({ name, text }: Properties) {
  const Icon = icons[name];
  return (
    <span className={classes["status"]} data-status={name}>
      <Icon size={15} aria-hidden />
      {text ?? statuses[name]}
    </span>
  );
}
