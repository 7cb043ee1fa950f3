# SPDX-License-Identifier: MPL-2.0

"""What to type or paste so that a debugger or profiler asks a server for symbols.

``frontend/src/features/help/debuggers.json`` is the same for the web app; a test compares both.
"""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and what to paste, with ``{server}`` for the server's address and ``{quoted}`` for it in a query."""

    about: str
    text: str


_DSYMS = """\
mkdir -p ~/bin
printf '#!/bin/sh\\nexec tecken dsym-for-uuid --url {server} "$@"\\n' > ~/bin/dsym-for-uuid
chmod +x ~/bin/dsym-for-uuid
defaults write com.apple.DebugSymbols DBGShellCommands -string ~/bin/dsym-for-uuid"""

DEBUGGERS: dict[str, tuple[Step, ...]] = {
    "gdb": (
        Step(
            "In a shell or ~/.profile; elfutils and LLVM's tools read it, too:",
            'export DEBUGINFOD_URLS="{server}"',
        ),
        Step("In ~/.gdbinit, so that gdb does not ask first:", "set debuginfod enabled on"),
    ),
    "lldb": (
        Step(
            "In ~/.lldbinit, for Linux; LLDB reads DEBUGINFOD_URLS, too:",
            "settings append plugin.symbol-locator.debuginfod.server-urls {server}",
        ),
        Step(
            "In ~/.lldbinit, for Windows, from LLDB 23 on:",
            "settings append plugin.symbol-locator.symstore.urls {server}/",
        ),
        Step("On macOS, for dSYMs, where tecken is installed:", _DSYMS),
    ),
    "windbg": (
        Step("In the debugger:", ".sympath+ srv*C:\\Symbols*{server}\n.reload"),
        Step(
            "Or for all programs, in a command prompt:",
            'setx _NT_SYMBOL_PATH "srv*C:\\Symbols*{server}"',
        ),
    ),
    "vs": (
        Step("In Tools, Options, Debugging, Symbols, as a new location:", "{server}"),
        Step(
            "Or for all programs, in a command prompt:",
            'setx _NT_SYMBOL_PATH "srv*C:\\Symbols*{server}"',
        ),
    ),
    "samply": (
        Step(
            "When a profile is recorded or loaded:",
            "samply record --breakpad-symbol-server {server} ./program",
        ),
        Step("On Windows:", "samply record --windows-symbol-server {server} program.exe"),
    ),
    "firefox-profiler": (
        Step(
            "Open this and load the profile there, or add symbolServer=… to a profile's URL:",
            "https://profiler.firefox.com/?symbolServer={quoted}",
        ),
    ),
}


def setup_steps(debugger: str, server: str) -> list[Step]:
    """Return what to do for a debugger of ``DEBUGGERS``, with a server's address filled in."""
    server = server.rstrip("/")
    quoted = quote(server, safe="")
    return [
        Step(step.about, step.text.replace("{server}", server).replace("{quoted}", quoted))
        for step in DEBUGGERS[debugger]
    ]
