// SPDX-License-Identifier: MPL-2.0

/** JSON at the beginning of a text, and the text behind it. */
export interface JsonHead {
  value: unknown;
  json: string;
  rest: string;
}

/** Read the JSON list or object that a text begins with; null when there is none. */
export function readJsonHead(text: string): JsonHead | null {
  const start = text.trimStart();
  if (!start.startsWith("[") && !start.startsWith("{")) return null;
  const whole = parse(start);
  if (whole !== undefined) return { value: whole, json: start, rest: "" };
  const end = endOfValue(start);
  const value = end === null ? undefined : parse(start.slice(0, end));
  if (end === null || value === undefined) return null;
  return { value, json: start.slice(0, end), rest: start.slice(end) };
}

/** Say in the browser's words why a text is no JSON. */
export function jsonError(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  return "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Return where the brackets of the value at the beginning of a text are closed. */
function endOfValue(text: string): number | null {
  const marks = /[[{]|[\]}]|"(?:[^"\\]|\\.)*"/gsu;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(marks)) {
    if (mark === "[" || mark === "{") depth += 1;
    else if (mark === "]" || mark === "}") depth -= 1;
    if (depth === 0) return index + 1;
  }
  return null;
}
