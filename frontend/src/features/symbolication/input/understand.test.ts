// SPDX-License-Identifier: MPL-2.0

import { describe, expect, test } from "vitest";

import { examples } from "../testing/examples";
import { understand } from "./understand";

const FOO = "1A0DF793E38A8E4F63C223F1500327FB0";
const XUL = "44E4EC8C2F41492B9369D6B9A059577C2";

function job(text: string): unknown {
  const { request } = understand(text);
  const { jobs } = JSON.parse(request ?? '{"jobs": []}') as { jobs: unknown[] };
  expect(jobs.length).toBeLessThan(2);
  return jobs[0];
}

test.each(["", " \n\t\r\n"])("%j is nothing", (text) => {
  expect(understand(text)).toMatchObject({ form: "nothing", request: null, problems: [] });
});

describe("a request", () => {
  const single = `{"memoryMap": [["a.pdb", "A"]], "stacks": [[[0, 1.00000], [-1, 2]], []]}`;

  test.each([
    [single, { modules: 1, stacks: 2, frames: 2 }],
    [` ${single.replace("{", '{"version": 4, ')}\n`, { modules: 1, stacks: 2, frames: 2 }],
    [`{"jobs": [${single}, ${single}]}`, { modules: 2, stacks: 4, frames: 4 }],
  ])("%s is sent as it is", (text, counts) => {
    const understood = understand(text);
    expect(understood).toMatchObject({ form: "request", counts, problems: [] });
    expect(understood.request?.trim()).toBe(text.trim());
  });

  test.each([
    ["{}", "Missing key in JSON ('jobs')"],
    ['{"jobs": []}', "Jobs list empty"],
    ['{"jobs": {}}', "Must be a list of jobs"],
    ['{"jobs": [[]]}', "Not a dict (job 0)"],
    ['{"stacks": []}', "Missing key in JSON ('memoryMap') (job 0)"],
    ['{"jobs": [{"memoryMap": [], "stacks": [1]}]}', "Must be a list of lists (job 0, stack 0)"],
  ])("%s is refused as the server would", (text, reason) => {
    expect(understand(text)).toMatchObject({
      form: "request",
      request: null,
      problems: [{ reason, lines: [] }],
    });
  });

  test("that is no JSON is told why", () => {
    const { problems, request } = understand('{"jobs": [}');
    expect(request).toBeNull();
    expect(problems[0]?.reason).toMatch(/^Invalid JSON: ./);
  });

  test("has no text behind it", () => {
    const { problems, request } = understand(
      '{"jobs": [{"memoryMap": [], "stacks": [[[-1,1]]]}]} x',
    );
    expect(problems).toEqual([{ reason: "There is text behind the request", lines: [] }]);
    expect(request).toMatch(/\}$/);
  });
});

describe("modules and offsets", () => {
  test.each(examples.offsets)("$modules $offsets", ({ modules, offsets, job: expected }) => {
    const understood = understand([...modules, ...offsets].join("\n"));
    expect(understood).toMatchObject({ form: "offsets", problems: [] });
    expect(job([...modules, offsets.join(", ")].join("\r\n"))).toEqual(expected);
  });

  test.each(examples.unreadable_offsets)("$offsets of $modules", ({ modules, offsets, reason }) => {
    const { problems, request } = understand([...modules, ...offsets].join("\n"));
    expect(problems).toEqual([{ reason, lines: [modules.length + 1] }]);
    expect(request).toBeNull();
  });

  test("offsets belong to the one module that they stand below", () => {
    expect(job("a.pdb/A\n0x1\n0x2 3\n\nb.pdb/B 4\n5\n0:6\nc d/C0")).toEqual({
      memoryMap: [
        ["a.pdb", "A"],
        ["b.pdb", "B"],
        ["c d", "C0"],
      ],
      stacks: [
        [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 4],
          [1, 5],
          [0, 6],
        ],
      ],
    });
  });

  test("a module may be a symbol key, a URL of one, or a line of modules", () => {
    const url = "https://symbols.example.com/try/My%20App.pdb/AB/My%20App.sym";
    expect(job(`xul.pdb/${XUL}/xul.sym 1\n${url}\n2\nlibfoo.so ${FOO}\n3`)).toEqual({
      memoryMap: [
        ["xul.pdb", XUL],
        ["My App.pdb", "AB"],
        ["libfoo.so", FOO],
      ],
      stacks: [
        [
          [0, 1],
          [1, 2],
          [2, 3],
        ],
      ],
    });
  });

  test("a memory map may stand in front", () => {
    expect(job('[["a.pdb", "A"],\n ["b.pdb", "B"]]\n1:0x10')).toEqual({
      memoryMap: [
        ["a.pdb", "A"],
        ["b.pdb", "B"],
      ],
      stacks: [[[1, 16]]],
    });
  });

  test("offsets of 64 bits keep all of them", () => {
    expect(understand("a.pdb/A 0xfffffffffffffffd").request).toContain("[0,18446744073709551613]");
  });

  test("lines of anything else are named", () => {
    expect(understand("a.pdb/A\n# of the build\nwhat?\n0x1\nand\n").problems).toEqual([
      { reason: "is no module, no offset and no frame", lines: [3, 5] },
    ]);
  });

  test("modules alone are nothing to ask for", () => {
    expect(understand("a.pdb/A")).toMatchObject({
      request: null,
      counts: { modules: 1, stacks: 0, frames: 0 },
      problems: [],
    });
  });
});

describe("a crash", () => {
  const tombstone = [
    "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0",
    "backtrace:",
    "    #00 pc 0000000000001018  /system/lib64/libfoo.so (BuildId: f793)",
    "    #01 pc 0000000000000020  /system/lib64/libc.so",
    "    #02 pc 0000000000001004  xul.dll",
    "",
  ];
  const modules = [`libfoo.so ${FOO}`, `xul.dll -> xul.pdb ${XUL}`, `unused.so ${FOO}`];

  test.each([
    ["in front", [...modules, ...tombstone], 7],
    ["behind", [...tombstone, ...modules], 4],
    ["as JSON", [`[["libfoo.so", "${FOO}"],`, `["xul.dll", "${XUL}"]]`, ...tombstone], 6],
  ])("has its modules %s", (where, lines, unreadable) => {
    const understood = understand(lines.join("\n"));
    const xul = where === "as JSON" ? "xul.dll" : "xul.pdb";
    expect(understood).toMatchObject({
      form: "crash",
      counts: { modules: 2, stacks: 1, frames: 2 },
      stacks: [{ title: "backtrace:", numbers: [0, 2] }],
      problems: [{ reason: "libc.so is not among the modules", lines: [unreadable] }],
      otherLines: 2,
    });
    expect(job(lines.join("\n"))).toEqual({
      memoryMap: [
        ["libfoo.so", FOO],
        [xul, XUL],
      ],
      stacks: [
        [
          [0, 0x1018],
          [1, 0x1004],
        ],
      ],
    });
  });

  test("has a stack for each time that the numbers begin again", () => {
    const lines = [
      `libfoo.so ${FOO}`,
      "Thread 0 (crashed)",
      "0 libfoo.so + 0x1",
      "libfoo.so + 0x2",
      "1 libfoo.so + 0x3",
      "Thread 1",
      "0 libfoo.so + 0x4",
      "0 libfoo.so + 0x5",
    ];
    expect(understand(lines.join("\n")).stacks).toEqual([
      { title: "Thread 0 (crashed)", numbers: [0, null, 1] },
      { title: "Thread 1", numbers: [0] },
      { title: null, numbers: [0] },
    ]);
    expect(job(lines.join("\n"))).toMatchObject({
      stacks: [
        [
          [0, 1],
          [0, 2],
          [0, 3],
        ],
        [[0, 4]],
        [[0, 5]],
      ],
    });
  });

  test("may begin with a bracket that is no JSON", () => {
    const { problems, counts } = understand(`[vdso] + 0x10\nlibfoo.so/${FOO}\nlibfoo.so + 0x1`);
    expect(problems).toEqual([{ reason: "[vdso] is not among the modules", lines: [1] }]);
    expect(counts.frames).toBe(1);
    expect(understand(`[1] libfoo.so\nlibfoo.so/${FOO}\nlibfoo.so + 0x1`)).toMatchObject({
      problems: [],
      otherLines: 1,
    });
  });

  test("names its lines as the command line does", () => {
    for (const { lines, reason } of examples.unreadable_modules) {
      const { problems } = understand([...lines, "#0 pc 1 b.so"].join("\n"));
      const told = problems.flatMap((problem) =>
        problem.lines.map((line) => `line ${String(line)} of the modules ${problem.reason}`),
      );
      expect(told).toContain(reason);
    }
  });

  test("without its modules says which are missing", () => {
    expect(understand(tombstone.join("\n"))).toMatchObject({
      form: "crash",
      request: null,
      problems: [
        { reason: "libfoo.so is not among the modules", lines: [3] },
        { reason: "libc.so is not among the modules", lines: [4] },
        { reason: "xul.dll is not among the modules", lines: [5] },
      ],
    });
  });
});
