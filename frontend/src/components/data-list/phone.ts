// SPDX-License-Identifier: MPL-2.0

/** At this width columns become a second line of their rows. */
export const PHONE = "(max-width: 43.75rem)";
