// SPDX-License-Identifier: MPL-2.0

/** The words of the frame around every page. */
export const shell = {
  name: "Tecken",
  skip: "Skip to the content",
  navigation: "Main",
  openNavigation: "Open the navigation",
  closeNavigation: "Close the navigation",
  nav: {
    home: "Home",
    downloads: "Downloads",
    uploads: "Uploads",
    tokens: "API tokens",
    users: "User management",
    symbolication: "Symbolication",
    help: "Help",
  },
  signIn: "Sign in",
  signOut: "Sign out",
  signedInAs: "Signed in as",
  superuser: "Superuser",
  permissions: "Permissions",
  noPermissions: "None yet.",
  timeZone: "Times in",
  timeZones: { UTC: "UTC", local: "Local time" },
  theme: "Theme",
  themes: { light: "Light", dark: "Dark", auto: "As the system" },
  account: "Account",
  shortcuts: {
    title: "Keyboard shortcuts",
    open: "List the keyboard shortcuts",
    lookup: "Look up a file or module",
    filter: "Focus the filter of this page",
    goTo: (page: string) => `Go to ${page}`,
    then: "then",
    on: "Use these keys",
    onText: "Switch them off if you speak to your computer, or press letters without meaning to.",
  },
  loading: "Loading",
  down: {
    title: "The server does not answer",
    text: (time: string) =>
      `What you see is from ${time}. This page tries again by itself, and goes on where it was.`,
  },
  noAnswer: {
    atAll: "The server does not answer.",
    toOne: "The server answers, but not to this.",
    notSent: "The server does not answer, so nothing was sent. What you filled in is kept.",
    unsure:
      "The server gave no answer to this, so it is not known whether it was done. Look first.",
  },
  sessionGone: {
    title: "You are signed out",
    text: "Your session has ended. What this page shows is from before. Sign in in another tab, and go on here.",
    inPlace: "Your session has ended, so this was not done. What you filled in is kept.",
  },
  whoAsks: "The server could not tell who is signed in",
  notFound: {
    title: "There is no such page",
    text: (path: string) => `Nothing is at ${path}.`,
    home: "To the front page",
  },
  broken: {
    title: "This page has failed",
    text: "It is a fault of this app, and nothing on the server was changed by it.",
    reload: "Load the page again",
    outdated: "The server has a newer version of this app.",
    missing: "The server answers, but a part of this app could not be loaded from it.",
  },
  signInNeeded: {
    title: "Sign in to see this page",
    text: "It shows what belongs to a person, and nobody is signed in.",
    isPrivate: "This server is private: symbols are for people who have signed in.",
    noProvider:
      "This server has no sign-in page. Whoever runs it can make you a link with `tecken signin-link`.",
  },
  notPermitted: {
    title: "You may not see this page",
    text: (permissions: string[]) =>
      `It needs the permission “${permissions.join("” or “")}”, which you do not have.`,
    superuser: "It is for superusers.",
    help: "How to get permissions",
  },
  signInFailed: {
    title: "You are not signed in",
    text: "The sign-in was not finished, or was refused. Try again, or ask those who run this server.",
  },
} as const;
