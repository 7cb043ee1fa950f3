// SPDX-License-Identifier: MPL-2.0

import { TriangleAlert } from "lucide-react";
import { useLocation } from "react-router";

import { Notice } from "@/components/ui/notice";
import { uploads } from "@/lib/texts/uploads";

/** What the server noticed of an upload that has just been sent from this app, and keeps nowhere. */
export function Warnings() {
  const state = useLocation().state as { warnings?: unknown } | null;
  const warnings = Array.isArray(state?.warnings) ? state.warnings.map(String) : [];
  if (warnings.length === 0) return null;
  return (
    <Notice
      role="note"
      color="yellow"

      icon={<TriangleAlert />}
      title={uploads.upload.warnings}
      mb="md"
    >
      <ul style={{ margin: 0, paddingLeft: "1.2rem", overflowWrap: "anywhere" }}>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  );
}
