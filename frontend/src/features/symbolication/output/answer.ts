// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

export type { Frame, V5Answer as Answer, V5Result as JobAnswer } from "@/lib/api/schema";
