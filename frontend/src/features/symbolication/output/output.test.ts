// SPDX-License-Identifier: MPL-2.0

import { describe, expect, test } from "vitest";

import { asCurl, dumpAsCurl } from "./curl";
import { foldName } from "./folded-names";
import { commonPrefixes, shortPath } from "./paths";
import { isRuntime } from "./runtime";
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
    [
      "s3:gecko-generated-sources:a5d3/ipc/ipdl/PContent.cpp:",
      "ipc/ipdl/PContent.cpp",
      "https://gecko-generated-sources.s3.amazonaws.com/a5d3/ipc/ipdl/PContent.cpp",
    ],
    [
      `/rustc/${"ab".repeat(20)}/library/std/src/panic.rs`,
      `/rustc/${"ab".repeat(20)}/library/std/src/panic.rs`,
      `https://github.com/rust-lang/rust/blob/${"ab".repeat(20)}/library/std/src/panic.rs#L7`,
    ],
    ["https://example.com/src/a.c", "https://example.com/src/a.c", "https://example.com/src/a.c"],
  ])("%s has a link", (file, path, url) => expect(readSourceFile(file, 7)).toEqual({ path, url }));

  test("has a link without a line, too", () => {
    expect(readSourceFile("hg:h.org/r:x.c:1", null).url).toBe("https://h.org/r/file/1/x.c");
  });

  test.each([
    "/build/hello/hello.c",
    "C:\\src\\a.c",
    "s3:bucket:hash/a.c:",
    "s3:gecko:abc/../a.c:",
    "https://user@example.com/a.c",
    "http://example.com/a.c",
    "hg:h.org/r:../x.c:1",
    "hg:evil.com@h.org/r:x.c:1",
    "git:github.com/../../r:x.c:1",
    "hg::x.c:1",
  ])("%s has none", (file) => expect(readSourceFile(file, 7)).toEqual({ path: file, url: null }));
});

function folded(name: string): string | null {
  return (
    foldName(name)
      ?.map(({ text, isLeftOut }) => (isLeftOut ? `[${text}]` : text))
      .join("") ?? null
  );
}

describe("a long name", () => {
  const long =
    "std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>";

  test.each([
    [
      `${long}::append(char const*, unsigned long)`,
      "std::__1::basic_string[<…>]::append(char const*, unsigned long)",
    ],
    [`void ${long}::f() const`, "void std::__1::basic_string[<…>]::f() const"],
    [`std::ostream& operator<<(std::ostream&, ${long} const&)`, "std::ostream& operator<<[(…)]"],
    [
      `ns::Class::operator()(${long}, int)`,
      "ns::Class::operator()(std::__1::basic_string[<…>], int)",
    ],
    [`Class::operator->*<${long}>()`, "Class::operator->*[<…>]()"],
    [`(anonymous namespace)::f(${long})`, "(anonymous namespace)::f(std::__1::basic_string[<…>])"],
    [
      `outer(${long})::{lambda(int)#1}::operator()(int) const`,
      "outer[(…)]::[{lambda…}]::operator()(int) const",
    ],
    [
      "<alloc::boxed::Box<dyn core::ops::function::Fn(u32) -> u64> as core::ops::drop::Drop>::drop",
      "[<…>]::drop",
    ],
    [`${"very_long_namespace::".repeat(5)}Class::method(int)`, "[…]::Class::method(int)"],
  ])("%s folds", (name, expected) => expect(folded(name)).toBe(expected));

  test.each(["main", "std::vector<int>::push_back(int&&)", "a".repeat(100)])(
    "%s does not",
    (name) => expect(foldName(name)).toBeNull(),
  );

  test.each(["<".repeat(100), ">".repeat(100), `operator${"<".repeat(100)}`])(
    "%s is no trouble",
    (name) => expect(folded(name)?.length ?? 0).toBeLessThan(name.length),
  );
});

test("calls of systems and of languages' libraries are told from others", () => {
  const runtime: [string | null, string | null][] = [
    ["std::vector<int>::at(unsigned long)", "app"],
    ["core::panicking::panic_fmt", "app"],
    ["<alloc::vec::Vec<T> as core::ops::Drop>::drop", "app"],
    ["start_thread", "libc.so.6"],
    [null, "ld-linux-x86-64.so.2"],
    ["whatever", "ntdll.pdb"],
    ["mach_msg2_trap", "libsystem_kernel.dylib"],
    ["runtime.gopanic", "server"],
  ];
  for (const [name, module] of runtime)
    expect([name, isRuntime(name, module)]).toEqual([name, true]);
  const own: [string | null, string | null][] = [
    ["main", "app"],
    ["stdlib::mine", "app"],
    ["coreutils", "libcurl.so.4"],
    ["start_server", "libc_client.so"],
    [null, null],
  ];
  for (const [name, module] of own) expect([name, isRuntime(name, module)]).toEqual([name, false]);
});

describe("a path", () => {
  const frame = {
    line: 1,
    module: "a",
    module_offset: null,
    address: null,
    function: "f",
    line_number: 1,
  };
  const of = (...files: string[]) =>
    commonPrefixes(files.map((file) => ({ ...frame, file, inlines: [], found: true })));

  test.each([
    [["/src/ceph/src/rgw/a.cc", "/src/ceph/src/os/b.cc"], "/src/ceph/src/"],
    [["/build/hello/hello.c"], "/build/hello/"],
    [["/build/a.c", "/usr/include/c++/14/vector"], "/build/"],
    [["C:\\src\\app\\a.c", "C:\\src\\lib\\b.c"], "C:\\src\\"],
    [["hg:h.org/r:dom/a.cpp:1", "hg:h.org/r:dom/base/b.cpp:1"], "dom/"],
    [["/a/b.c", "c/d.c"], ""],
    [["./rgw/./src/a.c", "./os/b.c"], ""],
    [["a.c"], ""],
  ])("%j share a beginning", (files, prefix) => expect(of(...files).get("a")).toBe(prefix));

  test.each([
    ["/src/ceph/src/rgw/a.cc", "/src/ceph/src/", "rgw/a.cc"],
    ["/usr/include/c++/14/bits/stl_vector.h", "/src/", "c++/14/bits/stl_vector.h"],
    ["/src/a/very/deep/folder/of/folders/file.cc", "/src/", "…/folder/of/folders/file.cc"],
    [`/${"x".repeat(200)}.c`, "", `…/${"x".repeat(200)}.c`],
    ["/other/a.c", "/src/", "/other/a.c"],
    ["./math/./s_ldexp.c", "", "math/s_ldexp.c"],
  ])("%s is shortened", (path, prefix, short) => expect(shortPath(path, prefix)).toBe(short));
});
