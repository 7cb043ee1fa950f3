// SPDX-License-Identifier: MPL-2.0

export type { Frame, V5Answer as Answer, V5Result as JobAnswer } from "@/lib/api/schema";
