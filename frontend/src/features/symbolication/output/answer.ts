// SPDX-License-Identifier: MPL-2.0

export type {
  CrashAnswer as Answer,
  CrashFrame as Frame,
  CrashModule as Module,
  CrashUnread as Unread,
} from "@/lib/api/schema";
