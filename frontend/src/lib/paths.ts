// SPDX-License-Identifier: MPL-2.0

/** The address of every page, which the server knows too (`src/tecken/web/urls.py`). */
export const paths = {
  home: "/",
  uploads: "/uploads",
  newUpload: "/uploads/upload",
  upload: (id: number) => `/uploads/upload/${String(id)}`,
  created: "/uploads/created",
  files: "/uploads/files",
  file: (id: number) => `/uploads/files/file/${String(id)}`,
  tokens: "/tokens",
  users: "/users",
  user: (id: number) => `/users/${String(id)}`,
  allTokens: "/all-tokens",
  audit: "/audit",
  tasks: "/tasks",
  sources: "/sources",
  downloads: "/downloads",
  missing: "/downloads/missing",
  microsoft: "/downloads/microsoft",
  symbolication: "/symbolication",
  /** The page of a debug file: `xul.pdb`, and of one of its ids. */
  module: (debugFile: string, debugId?: string) =>
    `/modules/${encodeURIComponent(debugFile)}${debugId === undefined ? "" : `?${new URLSearchParams({ id: debugId }).toString()}`}`,
  help: "/help",
} as const;
