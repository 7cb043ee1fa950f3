// SPDX-License-Identifier: MPL-2.0

import { Upload } from "lucide-react";

import { Button } from "@/components/ui/button";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { uploads } from "@/lib/texts/uploads";

/** The way to the upload form, for who may upload. */
export function NewUploadButton() {
  const { may } = useAuth();
  if (!may("upload.upload_symbols", "upload.upload_try_symbols")) return null;
  return (
    <Button to={paths.newUpload} leftSection={<Upload size={16} />}>
      {uploads.sections.newUpload}
    </Button>
  );
}
