// SPDX-License-Identifier: MPL-2.0

import { duration } from "@/lib/format/time";

/** The words of the pages of the feature `symbolication`. */
export const symbolication = {
  title: "Symbolication",
  about: "From the addresses of a crash or a profile to functions, files and lines.",
  input: "Stacks and modules",
  inputHint: "A request, modules with offsets, or the text of a crash. Files can be dropped here.",
  nothingYet: "Nothing to symbolicate yet.",
  examples: "Examples:",
  chooseFile: "Choose files",
  submit: "Symbolicate",
  noAnswer: "There is no answer",
  debugId: "debug id",
  result: "Symbolicated stacks",
  otherLines: (count: number) =>
    count === 1 ? "1 line of other text." : `${count.toLocaleString("en-US")} lines of other text.`,
  moreProblems: (count: number) => `and ${String(count)} more`,
  addModules:
    "Add a line for each module, anywhere: libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0. With addresses instead of offsets, add its base address: 0x7f12a4b00000.",
  addOffsets: "Add offsets, each on a line of its own: 0x1010a.",
  modules: "Modules",
  notNeeded: (count: number) => (count === 1 ? "1 not needed" : `${String(count)} not needed`),
  noName: "(no name)",
  nearMisses: (count: number) =>
    count === 1
      ? "1 other id of this name is here"
      : `${String(count)} other ids of this name are here`,
  where: "Where",
  looking: "Looking",
  goneNow: "It is not there any more.",
  inSource: (source: string) => `In ${source}`,
  stack: "Stack",
  stacks: "Stacks",
  emptyStack: "This stack has no frames.",
  inlinedInto: (number: number) => `Inlined into frame ${String(number)}, innermost first`,
  unknownFunction: "<unknown>",
  foldName: "Shorten this name",
  inFunction: (offset: string, size: string | undefined) =>
    size === undefined
      ? `${offset} bytes into the function`
      : `${offset} bytes into the function, which has ${size}`,
  showMore: (count: number, left: number) =>
    count === left
      ? `Show ${left.toLocaleString("en-US")} more frames`
      : `Show ${String(count)} of ${left.toLocaleString("en-US")} more frames`,
  copyText: "Copy as text",
  copyJson: "Copy as JSON",
  copyCurl: "Copy as curl",
  copyLink: "Copy a link to this",
  tooLongForLink: "This input is too long for a link.",
  oldAnswer: "The input was changed; this is the answer to what it was before.",
  answeredIn: (milliseconds: number) => `Answered in ${duration(milliseconds / 1000)}. `,
  timings: (timings: readonly { name: string; milliseconds: number }[]) =>
    `The server took ${timings
      .map(({ name, milliseconds }) => `${name} ${milliseconds.toFixed(1)} ms`)
      .join(", ")}.`,
  accepted: {
    title: "What this page takes",
    forms: [
      {
        name: "A request",
        about: "The JSON of /symbolicate/v5 or /symbolicate/v4.",
        lines: '{"jobs": [{"memoryMap": [["xul.pdb", "44E4…"]], "stacks": [[[0, 11723767]]]}]}',
      },
      {
        name: "Modules and offsets",
        about: "Offsets belong to the module above them, or to the one whose index they name.",
        lines: "xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2\n0xb2e3f7\n0:0x1010a",
      },
      {
        name: "The text of a crash",
        about: "Lines of these forms are frames; the modules may stand anywhere between them.",
        lines: [
          "#01 pc 0000b2e3  /system/lib64/libfoo.so (BuildId: …)",
          "#1 0x7f12a4b0b2e3 (/usr/lib/libfoo.so+0xb2e3)",
          "3 libfoo.so + 0xb2e3",
          "0x7f12a4b0b2e3 libfoo.so",
          "libfoo.so 1A0DF793E38A8E4F63C223F1500327FB0 0x7f12a4b00000",
          "xul.dll -> xul.pdb 44E4EC8C2F41492B9369D6B9A059577C2",
        ].join("\n"),
      },
    ],
    privacy:
      "Of other text than a request, only modules and offsets are sent to the server. A link to this page has the whole input after its #, which browsers do not send.",
  },
} as const;
