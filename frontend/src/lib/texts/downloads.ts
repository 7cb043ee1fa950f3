// SPDX-License-Identifier: MPL-2.0

interface Figures {
  found: number;
  missing: number;
}

/** The words of the pages of the feature `downloads`. */
export const downloads = {
  downloads: {
    title: "Downloads",
    about: "Debuggers and crash processors get symbol files from here by name and id.",
    lists: "What was asked for",
    figures: (today: Figures, yesterday: Figures) =>
      `Today ${count(today.found)} found and ${count(today.missing)} missing; yesterday ${count(yesterday.found)} and ${count(yesterday.missing)}.`,
    missing: "Symbols that were asked for and are not here, with a report for each day.",
    microsoft: "What was looked up at Microsoft's symbol server because it was not here.",
    get: "Get files",
    ways: (server: string) => [
      {
        name: "download with curl",
        text: "One file, from a terminal; --compressed lets it travel as it is stored:",
        command: `curl -L --compressed -O ${server}/xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2/xul.sym`,
      },
      {
        name: "download with tecken",
        text: "Several, with the names of their symbol files filled in:",
        command: `tecken download --url ${server} xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2`,
      },
      {
        name: "the symbol path of WinDbg",
        text: "All that a Windows debugger needs, as it needs it:",
        command: `.sympath+ srv*C:\\symbols*${server}`,
      },
      {
        name: "the address of try builds",
        text: "Symbols of try builds, too, for all of these:",
        command: `${server}/try`,
      },
    ],
  },
  missing: {
    title: "Missing symbols",
    about: "Files that were asked for and that no source has, each counted once a day.",
    nouns: ["missing symbol", "missing symbols"],
    report: "Yesterday's report (CSV)",
    reportToday: "Report of today so far (CSV)",
    symbol: "Debug file",
    debugId: "Debug id",
    filename: "File",
    code: "Code file and id",
    noCode: "Not told",
    days: "Days asked for",
    lastAsked: "Last asked for",
    empty: "Nothing was asked for in vain",
    emptyText:
      "When a debugger or a crash processor asks for a file that is not here, it shows up in this list.",
  },
  microsoft: {
    title: "Microsoft downloads",
    about: "Files that were not here and were looked up at Microsoft's symbol server.",
    off: "This server does not do so at present.",
    nouns: ["lookup", "lookups"],
    symbol: "Debug file",
    debugId: "Debug id",
    state: "Result",
    error: "Error",
    started: "Started",
    took: "Took",
    notYet: "Not over yet",
    states: {
      file: "Stored",
      errors: "Failed",
      failed: "Failed",
      skipped: "Skipped",
      incomplete: "Going on",
    },
    empty: "Nothing was looked up yet",
    emptyText:
      "Where DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT is set, a download of a .pdb's symbol file that is missing starts a lookup.",
  },
} as const;

function count(number: number): string {
  return number.toLocaleString("en-US");
}
