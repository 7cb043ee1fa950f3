// SPDX-License-Identifier: MPL-2.0

const LONGEST_NAME = 60; // characters: what stands on a line beside the place in the file
const BRACKETS = { "<": ">", "(": ")", "{": "}", "[": "]" } as const;
const CLOSING = Object.values(BRACKETS).join("");

/**
 * Fold the name of a function to its last part, without what stands in brackets; null where it is
 * short enough as it is, or does not get shorter.
 *
 * `std::map<int, std::pair<…>>::emplace(int&&) const` becomes `…::map<…>::emplace(…) const`.
 */
export function foldName(name: string): string | null {
  if (name.length <= LONGEST_NAME) return null;
  const folded = lastParts(withoutBrackets(name));
  return folded.length < name.length ? folded : null;
}

/** Replace what stands in brackets by `…`; operators are not brackets. */
function withoutBrackets(name: string): string {
  let folded = "";
  let at = 0;
  while (at < name.length) {
    const operator = operatorAt(name, at);
    const end = operator === null ? closingBracket(name, at) : null;
    if (end === null) {
      const piece = operator ?? name.charAt(at);
      folded += piece;
      at += piece.length;
    } else {
      folded += name.charAt(at) + inside(name.slice(at, end + 1)) + name.charAt(end);
      at = end + 1;
    }
  }
  return folded;
}

/** Return `operator<<`, `operator->`, `operator()` and so on, where one begins. */
function operatorAt(name: string, at: number): string | null {
  if (!name.startsWith("operator", at) || /\w/.test(name.charAt(at - 1))) return null;
  const form = /^operator(?:\(\)|\[\]|<=>|<<=?|>>=?|->\*?|[<>]=?)/;
  return form.exec(name.slice(at, at + 12))?.[0] ?? null;
}

/** Return where the bracket that is opened here is closed; null where none is, or it never is. */
function closingBracket(name: string, start: number): number | null {
  if (!(name.charAt(start) in BRACKETS)) return null;
  let depth = 0;
  for (let at = start; at < name.length; at += 1) {
    const character = name.charAt(at);
    const isArrow = character === ">" && name.charAt(at - 1) === "-"; // of a return type in Rust
    if (character in BRACKETS) depth += 1;
    else if (CLOSING.includes(character) && !isArrow) depth -= 1;
    if (depth === 0) return at;
  }
  return null;
}

/** Return what is left of the inside of brackets: words that say what they are. */
function inside(bracketed: string): string {
  const text = bracketed.slice(1, -1);
  if (text === "" || text === "anonymous namespace") return text;
  const kind = bracketed.startsWith("{") ? /^\w*/.exec(text)?.[0] : "";
  return `${kind ?? ""}…`;
}

/** Keep the last two of the parts between `::`, and no type in front of them. */
function lastParts(name: string): string {
  const parts = name.split("::");
  const [owner, last = ""] = parts.length > 1 ? parts.slice(-2) : [undefined, parts[0]];
  if (owner === undefined) return last;
  const shortened = /(?:\(anonymous namespace\)|[^ ]+)$/.exec(owner)?.[0] ?? owner;
  return `${parts.length > 2 ? "…::" : ""}${shortened}::${last}`;
}
