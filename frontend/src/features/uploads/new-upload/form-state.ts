// SPDX-License-Identifier: MPL-2.0

import type { UploadLimits } from "@/lib/api/schema";
import { newUpload } from "@/lib/texts/new-upload";

/** What is filled in; `bucket` is null where nobody has chosen one. */
export interface FormState {
  way: "file" | "url";
  file: File | null;
  /** How many files were left out of it, as the server would have refused them. */
  leftOut: number;
  url: string;
  isTry: boolean;
  bucket: string | null;
}

export function emptyForm(isTry: boolean): FormState {
  return { way: "file", file: null, leftOut: 0, url: "", isTry, bucket: null };
}

const words = newUpload.urlProblem;

/** Say what the server would refuse in a URL without asking anybody; null where it would try it. */
export function urlProblem(text: string, limits: UploadLimits): string | null {
  const url = text.trim();
  if (url === "") return words.none;
  if (!URL.canParse(url)) return words.bad;
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== "https:" && !(protocol === "http:" && limits.any_domain)) {
    return protocol === "http:" ? words.insecure : words.bad;
  }
  const hosts = limits.allowed_domains.map((host) => host.toLowerCase());
  if (!limits.any_domain && !hosts.includes(hostname)) return words.host(hostname);
  return pathname.toLowerCase().endsWith(".zip") ? null : words.zip;
}
