// SPDX-License-Identifier: MPL-2.0

import { duration } from "@/lib/format/time";

import { howMany } from "@/lib/format/size";

/** The words of the pages of the feature `symbolication`. */
export const symbolication = {
  title: "Symbolication",
  about: "From the addresses of a crash or a profile to functions, files and lines.",
  input: "Stacks and modules",
  inputHint:
    "The text of a crash, with any log around it; files can be dropped here, minidumps too.",
  minidump: "Minidump:",
  examples: "Examples:",
  chooseFile: "Choose files",
  submit: "Symbolicate",
  noAnswer: "There is no answer",
  debugId: "debug id",
  result: "Symbolicated stacks",
  guess: "Take the newest symbols of modules that are known by their name alone",
  unread: "Lines that were not read",
  unreadLines: (count: number) =>
    count === 1
      ? "1 line begins like a frame and could not be read:"
      : `${count.toLocaleString("en-US")} lines begin like a frame and could not be read:`,
  unreadLine: (line: number, reason: string) => `line ${String(line)}: ${reason}`,
  moreLines: (count: number) => `and ${count.toLocaleString("en-US")} more`,
  format: (format: string) => `Read as ${format}.`,
  missing: (names: readonly string[]) => `${some(names)} missing`,
  pending: (names: readonly string[]) => `symbols of ${some(names)} are being derived`,
  ownName: "(the name is that of the text)",
  assumed: "assumed: the newest of this name",
  noId: "its id is not known: add a line with its name and id",
  noSymbols: "no source has a symbol file of this module",
  useId: "Use",
  useIdOf: (id: string) => `Use the id ${id}`,
  modules: "Modules",
  missingModules: "Modules without symbols",
  moreModules: (count: number) => `${howMany(count)} more modules without symbols`,
  foundModules: (count: number) =>
    count === 1 ? "1 module with symbols" : `${howMany(count)} modules with symbols`,
  uploadIts: "Upload its symbols",
  frames: (count: number) => (count === 1 ? "1 frame" : `${count.toLocaleString("en-US")} frames`),
  noName: "(no name)",
  nearMisses: (shown: number, total: number) =>
    total === 1
      ? "1 other id of this name is here"
      : `${howMany(total)} other ids of this name are here${shown < total ? "; those next to it" : ""}`,
  allIds: (name: string) => `All ids of ${name}`,
  where: "Where",
  looking: "Looking",
  goneNow: "It is not there any more.",
  inSource: (source: string) => `In ${source}`,
  stack: "Stack",
  stacks: "Stacks",
  otherThreads: "Other threads",
  threadsLeft: (count: number) =>
    count === 1 ? "1 other thread" : `${count.toLocaleString("en-US")} other threads`,
  noFrames: "no frames",
  nothing: "nothing is known of this frame",
  inlined: "inlined",
  moreInlined: (count: number) => `+${String(count)} inlined`,
  showLines: (place: string) => `Source around ${place}`,
  linesAround: (file: string, line: number) => `${file} around line ${String(line)}`,
  notInBundle: (file: string) =>
    `The source bundle of this module has no ${file}, or not this line.`,
  wrap: "Wrap long lines",
  scrolled: "Stack, scrolled sideways",
  inlinedInto: (number: number) => `Inlined into frame ${String(number)}, innermost first`,
  unknownFunction: "<unknown>",
  foldName: "Shorten this name",
  wholeName: (name: string) => `Show the whole name: ${name}`,
  copyText: "Copy as text",
  copyJson: "Copy as JSON",
  copyCurl: "Copy as curl",
  copyLink: "Copy a link to this",
  tooLongForLink: "Too long for a link:",
  saveInput: "save the input as a file",
  oldAnswer: "The input was changed; this is the answer to what it was before.",
  answeredIn: (milliseconds: number) => `Answered in ${duration(milliseconds / 1000)}.`,
  accepted: {
    title: "What this page takes",
    forms: [
      {
        name: "The text of a crash",
        about:
          "Of gdb, lldb, WinDbg, Visual Studio, the sanitizers, valgrind, Rust, Go, Python, Node, Android, Apple, the Linux kernel, coredumpctl, perf, minidump tools and more. What stands around it does not matter.",
        lines: [
          "#1  0x0000556f9532fe92 in ?? () from /usr/lib/libfoo.so",
          "#01 pc 0000b2e3  /system/lib64/libfoo.so (BuildId: …)",
          "    #1 0x7f12a4b0b2e3  (/usr/lib/libfoo.so+0xb2e3) (BuildId: …)",
        ].join("\n"),
      },
      {
        name: "JSON",
        about:
          "Reports of Apple, minidump tools, Socorro and .NET, crash pings, profiles of Firefox and samply, requests of this server.",
        lines: '{"crash_info": {…}, "modules": […], "threads": […]}',
      },
      {
        name: "Minidumps",
        about:
          "A .dmp file of Breakpad, Crashpad or Windows, dropped or chosen, where the server is set up to read them.",
        lines: "3f9c1a52-7d0e-4b86-9a21-c5d0e8f41b37.dmp",
      },
      {
        name: "Modules",
        about:
          "Ids and addresses that the text does not have: lines like these anywhere in it, or /proc/PID/maps, lm, image list.",
        lines: [
          "libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0 0x7f12a4b00000",
          "xul.dll -> xul.pdb 44E4EC8C2F41492B9369D6B9A059577C2",
        ].join("\n"),
      },
    ],
    privacy:
      "What is given here is sent to this server, which does not keep it. A link to this page has the whole input after its #, which browsers do not send.",
  },
} as const;

const MOST_NAMES = 3;

/** Return `a, b and 4 others`. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => name || "(no name)");
  const left = names.length - shown.length;
  return left === 0 ? shown.join(", ") : `${shown.join(", ")} and ${String(left)} more`;
}
