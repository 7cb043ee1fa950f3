// SPDX-License-Identifier: MPL-2.0

import type { CSSProperties } from "react";

/** Steps of the rhythm: 8, 12, 16, 24 and 32 pixels. */
export type Step = "xs" | "sm" | "md" | "lg" | "xl";

const steps: Record<Step, string> = {
  xs: "var(--space-1)",
  sm: "var(--space-1h)",
  md: "var(--space-2)",
  lg: "var(--space-3)",
  xl: "var(--space-4)",
};

/** Room around a component, where it is not for the style sheet of what holds it. */
export interface Margins {
  mt?: Step;
  mb?: Step;
  my?: Step;
  mr?: Step;
  maw?: string;
}

/** Return the length of a step. */
export function stepOf(step: Step): string {
  return steps[step];
}

/** Part the room around a component from its other properties. */
export function partMargins<Properties extends Margins & { style?: CSSProperties | undefined }>(
  properties: Properties,
): [style: CSSProperties | undefined, rest: Omit<Properties, keyof Margins | "style">] {
  const { mt, mb, my, mr, maw, style, ...rest } = properties;
  const [above, below] = [mt ?? my, mb ?? my];
  const own: CSSProperties = {
    ...(above !== undefined && { marginTop: steps[above] }),
    ...(below !== undefined && { marginBottom: steps[below] }),
    ...(mr !== undefined && { marginRight: steps[mr] }),
    ...(maw !== undefined && { maxWidth: maw }),
    ...style,
  };
  return [Object.keys(own).length > 0 ? own : undefined, rest];
}
