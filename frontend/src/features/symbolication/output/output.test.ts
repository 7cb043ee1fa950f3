// SPDX-License-Identifier: MPL-2.0

import { describe, expect, test } from "vitest";

import { asCurl, dumpAsCurl } from "./curl";
import { foldName } from "./folded-names";
import { readSourceFile } from "./source-links";

test("the command of curl has the text, safe from the shell and from itself", () => {
  const url = "https://symbols.example.com";
  const lines = asCurl("it's\nEND-OF-TEXT", true, url).split("\n");
  expect(lines[0]).toContain(`'${url}/symbolicate/text?guess=true' <<'END-OF-TEXT-'`);
  expect(lines.slice(1)).toEqual(["it's", "END-OF-TEXT", "END-OF-TEXT-"]);
});

test("the command of curl has the name of a minidump, safe from the shell", () => {
  expect(dumpAsCurl("it's.dmp", false, "https://symbols.example.com")).toBe(
    String.raw`curl -H 'Accept: application/json' --data-binary '@it'\''s.dmp' 'https://symbols.example.com/symbolicate/minidump'`,
  );
});

describe("a file of a stack", () => {
  test.each([
    [
      "hg:hg.mozilla.org/mozilla-central:dom/a b.cpp:1f2e",
      "dom/a b.cpp",
      "https://hg.mozilla.org/mozilla-central/file/1f2e/dom/a%20b.cpp#l7",
    ],
    [
      "git:github.com/owner/repo:src/x.c:v1",
      "src/x.c",
      "https://github.com/owner/repo/blob/v1/src/x.c#L7",
    ],
    [
      "git:gitlab.example.com/a/b/c.git:x.c:r",
      "x.c",
      "https://gitlab.example.com/a/b/c/-/blob/r/x.c#L7",
    ],
    [
      "git:chromium.googlesource.com/v8:x.c:r",
      "x.c",
      "https://chromium.googlesource.com/v8/+/r/x.c#7",
    ],
    ["git:bitbucket.org/o/r:x.c:r", "x.c", "https://bitbucket.org/o/r/src/r/x.c#lines-7"],
    ["git:codeberg.org/o/r:x.c:r", "x.c", "https://codeberg.org/o/r/src/commit/r/x.c#L7"],
    ["git:git.example.com/r:x.c:r", "x.c", null],
  ])("%s has a link", (file, path, url) => {
    expect(readSourceFile(file, 7)).toEqual({ path, url });
  });

  test("has a link without a line, too", () => {
    expect(readSourceFile("hg:h.org/r:x.c:1", null).url).toBe("https://h.org/r/file/1/x.c");
  });

  test.each([
    "/build/hello/hello.c",
    "C:\\src\\a.c",
    "s3:bucket:hash/a.c:",
    "hg:h.org/r:../x.c:1",
    "hg:evil.com@h.org/r:x.c:1",
    "git:github.com/../../r:x.c:1",
    "hg::x.c:1",
  ])("%s has none", (file) => {
    expect(readSourceFile(file, 7)).toEqual({ path: file, url: null });
  });
});

describe("a long name", () => {
  const long =
    "std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>";

  test.each([
    [`${long}::append(char const*, unsigned long)`, "…::basic_string<…>::append(…)"],
    [`void ${long}::f() const`, "…::basic_string<…>::f() const"],
    [`std::ostream& operator<<(std::ostream&, ${long} const&)`, "std::ostream& operator<<(…)"],
    [`ns::Class::operator()(${long}, int)`, "…::Class::operator()(…)"],
    [`Class::operator->*<${long}>()`, "Class::operator->*<…>()"],
    [`(anonymous namespace)::f(${long})`, "(anonymous namespace)::f(…)"],
    [`outer(${long})::{lambda(int)#1}::operator()(int) const`, "…::{lambda…}::operator()(…) const"],
    [
      "<alloc::boxed::Box<dyn core::ops::function::Fn(u32) -> u64> as core::ops::drop::Drop>::drop",
      "<…>::drop",
    ],
  ])("%s folds", (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  test.each(["main", "std::vector<int>::push_back(int&&)", "a".repeat(100)])(
    "%s does not",
    (name) => {
      expect(foldName(name)).toBeNull();
    },
  );

  test.each(["<".repeat(100), ">".repeat(100), `operator${"<".repeat(100)}`])(
    "%s is no trouble",
    (name) => {
      expect(foldName(name)?.length ?? 0).toBeLessThan(name.length);
    },
  );
});
