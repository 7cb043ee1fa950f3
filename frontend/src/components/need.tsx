// SPDX-License-Identifier: MPL-2.0

import { type ReactNode, useState } from "react";
import { useLocation } from "react-router";

import { Anchor } from "@/components/ui/anchor";
import { Button } from "@/components/ui/button";
import { type Permission, signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { permissions as told } from "@/lib/texts/permissions";
import { shell } from "@/lib/texts/shell";

import { ErrorMessage } from "./error-message";
import { StateMessage } from "./state-message";

interface Properties {
  /** Any of these is enough; none means that signing in is. */
  permissions?: Permission[];
  superuser?: boolean;
  children: ReactNode;
}

/**
 * Shows a page only to who may use it, and tells everyone else what is missing. A page that is shown
 * stays when the session ends, so that what is filled in is not lost; a notice above it tells.
 */
export function Need({ permissions = [], superuser = false, children }: Properties) {
  const auth = useAuth();
  const [wasShown, setShown] = useState(false);
  const isEnough = superuser
    ? auth.isSuperuser
    : auth.person !== null && (permissions.length === 0 || auth.may(...permissions));
  if (isEnough && !wasShown) setShown(true);
  if (auth.isLoading) return auth.error === null ? null : <Unknown error={auth.error} />;
  if (isEnough || (auth.person === null && wasShown)) return children;
  if (auth.person === null) return <SignInNeeded signInUrl={auth.signInUrl} />;
  return (
    <StateMessage title={shell.notPermitted.title} level={1}>
      <p>
        {superuser
          ? shell.notPermitted.superuser
          : shell.notPermitted.text(permissions.map((name) => told[name].name))}
      </p>
      <Anchor to={paths.help}>{shell.notPermitted.help}</Anchor>
    </StateMessage>
  );
}

/** Shows a page that reads symbols: on a private server to who has signed in. */
export function NeedReader({ children }: { children: ReactNode }) {
  const { isLoading, error, isPrivate } = useAuth();
  // What is asked for too early would be refused; but a page that needs nobody works without.
  if (isLoading && error === null) return null;
  return isPrivate ? <Need>{children}</Need> : children;
}

/** The server could not tell who asks; it is asked again. */
export function Unknown({ error }: { error: Error }) {
  return <ErrorMessage error={error} title={shell.whoAsks} />;
}

function SignInNeeded({ signInUrl }: { signInUrl: string | null }) {
  const { pathname, search } = useLocation();
  const { isPrivate } = useAuth();
  return (
    <StateMessage title={shell.signInNeeded.title} level={1}>
      <p>{isPrivate ? shell.signInNeeded.isPrivate : shell.signInNeeded.text}</p>
      {signInUrl === null && <p>{shell.signInNeeded.noProvider}</p>}
      {signInUrl !== null && (
        <Button href={signInUrlFor(signInUrl, pathname + search)}>{shell.signIn}</Button>
      )}
    </StateMessage>
  );
}
