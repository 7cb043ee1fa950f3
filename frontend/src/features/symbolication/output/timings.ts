// SPDX-License-Identifier: MPL-2.0

/** A step of the server's work, as `Server-Timing` has it. */
export interface Timing {
  name: string;
  milliseconds: number;
}

/** Read `parse;dur=0.123, find;dur=4.5`; what has no duration is left out. */
export function readServerTiming(header: string | null): Timing[] {
  return (header ?? "").split(",").flatMap((entry) => {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const duration = parameters.find((parameter) => /^dur=/i.test(parameter))?.slice(4);
    const milliseconds = Number.parseFloat(duration ?? "");
    return name !== "" && Number.isFinite(milliseconds) ? [{ name, milliseconds }] : [];
  });
}
