// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** The words of the pages of the feature `uploads`. */
export const uploads = {
  uploads: {
    title: "Uploads",
    nouns: ["upload", "uploads"],
    created: "Uploaded",
    completed: "Completed",
    user: "User",
    state: "State",
    size: "Size",
    empty: "Nothing was uploaded yet",
    emptyText:
      "Archives that are sent with curl, with `tecken upload` or on the upload page show up here.",
  },
  newUpload: { title: "Upload symbols" },
  upload: { title: "Upload" },
  created: { title: "Uploads by day" },
  files: { title: "Files" },
  file: { title: "File" },
} as const;
