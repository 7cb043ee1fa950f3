// SPDX-License-Identifier: MPL-2.0

import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { useAppSettings } from "@/lib/app-settings";
import { signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { help } from "@/lib/texts/help";

const words = help.help.permission;

/** What this person has to do next to be allowed to upload. */
export function GettingPermission() {
  const { isLoading, person, signInUrl, may } = useAuth();
  const settings = useAppSettings();
  if (isLoading) return <p>{words.text}</p>;
  if (may("upload.upload_symbols", "upload.upload_try_symbols"))
    return (
      <p>
        {words.mayUpload}{" "}
        <Anchor underline="always" to={paths.newUpload}>
          {words.uploadPage}
        </Anchor>
      </p>
    );
  return (
    <>
      <p>{words.text}</p>
      {person === null && signInUrl !== null && (
        <Button href={signInUrlFor(signInUrl, paths.help)} variant="default" mr="sm">
          {words.signIn}
        </Button>
      )}
      {settings?.contact_url == null ? (
        <p>{words.noContact}</p>
      ) : (
        <Button href={settings.contact_url} target="_blank" rel="noreferrer">
          {words.ask}
        </Button>
      )}
    </>
  );
}
