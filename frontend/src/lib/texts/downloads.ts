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
    lists: "Requests",
    figures: (today: Figures, yesterday: Figures) =>
      `Today ${count(today.found)} found and ${count(today.missing)} missing; yesterday ${count(yesterday.found)} and ${count(yesterday.missing)}.`,
    missing: "Files that somebody asked for and no source has, with a report for each day.",
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
        text: "Several files; the names of their symbol files are filled in:",
        command: `tecken download --url ${server} xul.pdb/44E4EC8C2F41492B9369D6B9A059577C2`,
      },
      {
        name: "the symbol path of WinDbg",
        text: "The symbol path of a Windows debugger:",
        command: `.sympath+ srv*C:\\symbols*${server}`,
      },
      {
        name: "the address of try builds",
        text: "The same with symbols of try builds:",
        command: `${server}/try`,
      },
    ],
  },
  missing: {
    title: "Missing symbols",
    about: "Files that somebody asked for and no source has. Each is counted once a day.",
    nouns: ["missing symbol", "missing symbols"],
    report: "Yesterday's report (CSV)",
    reportToday: "Report of today so far (CSV)",
    symbol: "Debug file",
    debugId: "Debug id",
    filename: "File",
    code: "Code file and id",
    noCode: "Unknown",
    days: "Days asked for",
    lastAsked: "Last asked for",
    empty: "Nothing is missing",
    emptyText:
      "When a debugger or crash processor asks for a file that is not here, it appears in this list.",
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
    notYet: "Running",
    states: {
      file: "Stored",
      errors: "Failed",
      failed: "Failed",
      skipped: "Skipped",
      incomplete: "Running",
    },
    empty: "Nothing was looked up yet",
    emptyText:
      "Where DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT is set, a download of a .pdb's symbol file that is missing starts a lookup.",
  },
} as const;

function count(number: number): string {
  return number.toLocaleString("en-US");
}
