// SPDX-License-Identifier: MPL-2.0

import { CircleUser, Clock, LogOut } from "lucide-react";
import { useLocation } from "react-router";

import { Button } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { signOut } from "@/lib/auth/sign-out";
import { type Auth, signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import type { TimeZone } from "@/lib/format/time";
import { shell } from "@/lib/texts/shell";
import { useTimeZone } from "@/lib/time-zone";

import classes from "./shell.module.css";

/** Who is signed in, and what goes with it; or the way to sign in. */
export function AccountMenu() {
  const auth = useAuth();
  if (auth.isLoading) return null;
  return auth.person === null ? <SignIn signInUrl={auth.signInUrl} /> : <Account auth={auth} />;
}

function SignIn({ signInUrl }: { signInUrl: string | null }) {
  const { pathname, search } = useLocation();
  if (signInUrl === null) return null;
  return (
    <Button href={signInUrlFor(signInUrl, pathname + search)} size="compact-md">
      {shell.signIn}
    </Button>
  );
}

function Account({ auth }: { auth: Auth }) {
  const { person, isSuperuser, signOutUrl } = auth;
  if (person === null) return null;
  const names = person.permissions.map((permission) => permission.name);
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          aria-label={`${shell.account}: ${person.email}`}
          leftSection={<CircleUser size={18} aria-hidden />}
        >
          <span className={classes["email"]}>{person.email}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{shell.signedInAs}</Menu.Label>
        <p className={classes["said"]}>
          <strong>{person.email}</strong>
        </p>
        <Menu.Label>{shell.permissions}</Menu.Label>
        <p className={classes["said"]}>
          {[...(isSuperuser ? [shell.superuser] : []), ...names].join(", ") || shell.noPermissions}
        </p>
        <Menu.Divider />
        <TimeZoneItem />
        {signOutUrl !== null && (
          <Menu.Item
            leftSection={<LogOut size={16} aria-hidden />}
            onClick={() => signOut(signOutUrl)}
          >
            {shell.signOut}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function TimeZoneItem() {
  const [zone, setZone] = useTimeZone();
  const other: TimeZone = zone === "UTC" ? "local" : "UTC";
  return (
    <Menu.Item
      leftSection={<Clock size={16} aria-hidden />}
      closeMenuOnClick={false}
      onClick={() => setZone(other)}
    >
      {shell.timeZone} {shell.timeZones[zone]}
    </Menu.Item>
  );
}
