// SPDX-License-Identifier: MPL-2.0

// By itself, so that the build leaves out what nobody calls of it: four fifths.
export { captureException, init } from "@sentry/browser";
