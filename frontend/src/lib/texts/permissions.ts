// SPDX-License-Identifier: MPL-2.0

/** Tecken's permissions, by the names that the server gives them, in the order in which they are told. */
export const permissions = {
  "upload.upload_symbols": {
    name: "Upload symbols",
    allows: "Send the symbols of releases, which everybody finds from then on.",
  },
  "upload.upload_try_symbols": {
    name: "Upload try symbols",
    allows: "Send the symbols of try builds, which are kept apart and removed early.",
  },
  "upload.view_all_uploads": {
    name: "View all uploads",
    allows: "See the uploads and files of everybody.",
  },
  "tokens.manage_tokens": {
    name: "Manage API tokens",
    allows: "Make tokens for build machines and scripts, with permissions of one’s own.",
  },
} as const;

export type PermissionName = keyof typeof permissions;
