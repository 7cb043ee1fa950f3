// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** The words of the pages of the feature `users`. */
export const users = {
  users: {
    title: "Users",
    text: "Everybody who has signed in, and everybody who was made by a command.",
    nouns: ["user", "users"],
    email: "Email",
    group: "Group",
    active: "Active",
    superuser: "Superuser",
    state: "State",
    created: "Created",
    signedIn: "Last sign-in",
    uploads: "Uploads",
    tokens: "Tokens",
    yes: "Yes",
    no: "No",
    many: "over 1,000",
    empty: "There are no users",
    emptyText: "Whoever signs in is one from then on.",
    audit: "Audit trail",
  },
  user: {
    title: "User",
    uploads: "Their uploads",
    audit: "What was done to and by this account",
    permissions: "Permissions",
    noPermissions: "None",
    change: "What this person may do",
    groups: "Groups",
    groupTexts: {
      Uploaders: "May upload symbols, those of try builds, too, and manage API tokens.",
      "Upload Auditors": "May see all uploads, and manage API tokens.",
    },
    activeText: "Who is not active cannot sign in, and the tokens of this person are refused.",
    superuserText: "Manages people, and sees the settings of the server.",
    self: "This is your own account: what you take from yourself, somebody else must give back.",
    save: "Save",
    saved: "Saved.",
    failed: "Nothing was changed",
  },
  audit: {
    title: "Audit trail",
    text: "What was done to accounts, by whom. It is kept for good.",
    nouns: ["entry", "entries"],
    when: "When",
    who: "By or about",
    by: "By",
    action: "What",
    about: "About",
    details: "Details",
    empty: "Nothing was done yet",
    emptyText: "Sign-ins, tokens and changes of users are written down here.",
  },
} as const;
