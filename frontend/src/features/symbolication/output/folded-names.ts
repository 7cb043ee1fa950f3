// SPDX-License-Identifier: MPL-2.0

const LONGEST_NAME = 64; // characters: what stands on a line beside the place in the file
const SHORT_INSIDE = 6; // characters in brackets that are not worth leaving out
const SHORT_IN_SQUARES = 12; // as in `f[abi:cxx11]()`
const BRACKETS = { "<": ">", "(": ")", "{": "}", "[": "]" } as const;
const CLOSING = Object.values(BRACKETS).join("");
const ANGLES = "<";
const ALL = "<({[";

/** A part of a folded name: text as it is, or what was left out there. */
export interface NamePart {
  text: string;
  isLeftOut: boolean;
}

/**
 * Fold the name of a function to what stands on a line; null where it is short enough as it is, or does
 * not get shorter.
 *
 * First the arguments of templates are left out, then those of functions, then all but its last parts:
 * `std::map<int, std::pair<…>>::emplace(int&&) const` becomes `std::map<…>::emplace(int&&) const`.
 */
export function foldName(name: string): NamePart[] | null {
  if (name.length <= LONGEST_NAME) return null;
  const folds = [
    () => withoutBrackets(name, ANGLES),
    () => withoutBrackets(name, ALL),
    () => lastParts(withoutBrackets(name, ALL)),
  ];
  let folded = name;
  for (const fold of folds) {
    folded = fold();
    if (folded.length <= LONGEST_NAME) break;
  }
  return folded.length < name.length ? partsOf(folded) : null;
}

/** Split a folded name where something was left out; what stands around an ellipsis goes with it. */
function partsOf(folded: string): NamePart[] {
  const pieces = folded.split(/(<…>|\((?:…)\)|\[…\]|\{\w*…\}|^…(?=::))/u);
  return pieces
    .map((text, at) => ({ text, isLeftOut: at % 2 === 1 }))
    .filter(({ text }) => text !== "");
}

/** Replace what stands in some kinds of brackets by `…`; operators are not brackets. */
function withoutBrackets(name: string, kinds: string): string {
  let folded = "";
  let at = 0;
  while (at < name.length) {
    const operator = operatorAt(name, at);
    const end = operator === null ? closingBracket(name, at, kinds) : null;
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
function closingBracket(name: string, start: number, kinds: string): number | null {
  if (!kinds.includes(name.charAt(start))) return null;
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

/** Return what is left of the inside of brackets: what is short, and words that say what they are. */
function inside(bracketed: string): string {
  const text = bracketed.slice(1, -1);
  const short = bracketed.startsWith("[") ? SHORT_IN_SQUARES : SHORT_INSIDE;
  if (text.length <= short || text === "anonymous namespace") return text;
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
