// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** At this width columns become a second line of their rows. */
export const PHONE = "(max-width: 43.75rem)";
