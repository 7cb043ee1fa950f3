// SPDX-License-Identifier: MPL-2.0
// @vitest-environment node

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCE = new URL("..", import.meta.url).pathname;
// They are where measures and colours come from.
const DESIGN = ["app/theme.css", "app/fonts/faces.css"];

const COLOUR =
  /#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch|light-dark)\(|[:\s,](?:white|black|gr[ae]y|red|green|blue|yellow|orange)\b(?!-)/i;
const LENGTH = /(?<![\w.-])-?(\d*\.?\d+)(px|rem|pt|mm|cm|in)\b/g;
const SIZED =
  /^(?:(?:min-|max-)?(?:width|height|inline-size|block-size)|flex(?:-basis)?|grid-template.*|columns|contain-intrinsic-.*)$/;
const BREAKPOINT = /^\(width < (?:44|62)rem\)$/;
const CONDITION = /^(?:print|\((?:hover|forced-colors|prefers-reduced-motion|pointer).*\))$/;

const sheets = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".css") && !DESIGN.includes(name))
  .map((name): [string, string] => [name, readFileSync(join(SOURCE, name), "utf8")]);

/** What a style sheet has of its own that belongs into the design file. */
function strays(text: string): string[] {
  const bare = text.replaceAll(/\/\*.*?\*\//gs, "");
  const declared = bare.matchAll(/(?<=[;{]\s*)([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g);
  const found = [...declared].filter(([, name = "", value = ""]) => isStray(name, value));
  const media = [...bare.matchAll(/@media\s*([^{]+?)\s*\{/g)];
  return [
    ...found.map(([declaration]) => declaration),
    ...media
      .map(([, query = ""]) => query)
      .filter((query) => !query.split(" and ").every((part) => isKnownQuery(part)))
      .map((query) => `@media ${query}`),
  ];
}

function isKnownQuery(part: string): boolean {
  return BREAKPOINT.test(part) || CONDITION.test(part);
}

function isStray(name: string, value: string): boolean {
  if (COLOUR.test(` ${value}`)) return true;
  return [...value.matchAll(LENGTH)].some(([, number = "", unit]) => {
    if (Number(number) === 0) return false;
    if (unit === "px") return Number(number) > 3; // the width of a line
    return unit !== "rem" || !SIZED.test(name) || (Number(number) * 4) % 1 !== 0;
  });
}

test.each(sheets)("%s takes colours and lengths from the design file", (_, text) =>
  expect(strays(text)).toEqual([]),
);

test.each([
  ["a { color: #fff; }", 1],
  ["a { color: light-dark(#fff, #000); background: white; }", 2],
  ["a { color: var(--ink); padding: 0 var(--space-1); border: 1px solid var(--line); }", 0],
  ["a { margin: 0.3rem; font-size: 0.8rem; gap: 10px; }", 3],
  ["a { max-width: 26rem; width: 3.2rem; }", 1],
  ["@media (max-width: 43.75rem) { a { top: 0; } }", 1],
  ["@media (width < 44rem) { a { top: 0; } }", 0],
  ["@container (width < 30rem) { a { top: 0; } }", 0],
])("%s has %i strays", (text, count) => expect(strays(text)).toHaveLength(count));
