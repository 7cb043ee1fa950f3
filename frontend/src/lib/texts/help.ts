// SPDX-License-Identifier: MPL-2.0

/** The words of the pages of the feature `help`. */
export const help = {
  help: {
    title: "Help",
    about: "How to get permissions, and how to upload, download and symbolicate from a terminal.",
    permission: {
      title: "Get permission to upload",
      text: "Everybody may download and symbolicate. To upload one needs an account, which is made by signing in for the first time, and a permission, which those who run this server give.",
      mayUpload: "You may upload. What each permission allows is listed here.",
      uploadPage: "Upload symbols",
      signIn: "Sign in",
      ask: "Ask for a permission",
      noContact:
        "This server does not say where to ask: talk to those who run it, and tell them the email address that you sign in with.",
    },
    upload: {
      title: "Upload",
      text: "A build uploads its symbols as a zip file whose members are <debug file>/<debug id>/<file>. It needs an API token:",
      token: "API tokens",
      after:
        "Files that are here already are skipped, so a failed upload can simply be sent again. With try=1 as a further field, or a token for try symbols alone, it goes to the place of try builds.",
    },
    download: {
      title: "Download",
      text: "A file's address is the name of its debug file, its debug id, and its own name.",
      more: "More on downloads",
    },
    symbolicate: {
      title: "Symbolicate",
      text: "Send modules and offsets, get functions, files and lines.",
      page: "Or paste a stack",
    },
    debuggers: {
      title: "Debuggers and profilers",
      text: "They find here the programs, debug files and sources that were uploaded, and symbols that were made of them. tecken debugger-setup prints the same lines.",
      names: {
        gdb: "gdb",
        lldb: "LLDB",
        windbg: "WinDbg",
        vs: "Visual Studio",
        samply: "samply",
        "firefox-profiler": "Firefox Profiler",
      },
    },
    more: {
      title: "More",
      schema: "The whole HTTP interface, as an OpenAPI document",
      commands: "tecken --help lists all commands, and each has a --help with examples.",
      keys: "On every page, the key ? lists the keyboard shortcuts.",
      source: (version: string) => `The source code of this server, Tecken ${version}`,
    },
  },
} as const;
