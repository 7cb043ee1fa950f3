// SPDX-License-Identifier: MPL-2.0

import { TextInput } from "@/components/ui/text-input";
import type { UploadLimits } from "@/lib/api/schema";
import { newUpload } from "@/lib/texts/new-upload";

interface Properties {
  value: string;
  limits: UploadLimits;
  problem: string | null;
  onChange: (url: string) => void;
}

/** The URL of an archive, and where the server may fetch one from. */
export function UrlField({ value, limits, problem, onChange }: Properties) {
  return (
    <TextInput
      type="url"
      label={newUpload.url}
      description={
        limits.any_domain
          ? newUpload.urlAnyHost
          : newUpload.urlHosts(limits.allowed_domains.join(", "))
      }
      placeholder={`https://${limits.allowed_domains[0] ?? "builds.example.com"}/symbols.zip`}
      value={value}
      error={problem}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
