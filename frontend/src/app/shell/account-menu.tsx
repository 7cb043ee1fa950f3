// SPDX-License-Identifier: MPL-2.0

import { CircleUser, Clock, LogOut } from "lucide-react";
import { useLocation } from "react-router";

import { Button } from "@/components/ui/button";
import { Text } from "@/components/ui/layout";
import { Menu } from "@/components/ui/menu";
import { signOut } from "@/lib/auth/sign-out";
import { type Auth, signInUrlFor, useAuth } from "@/lib/auth/use-auth";
import type { TimeZone } from "@/lib/format/time";
import { shell } from "@/lib/texts/shell";
import { useTimeZone } from "@/lib/time-zone";

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
    <Button component="a" href={signInUrlFor(signInUrl, pathname + search)} size="compact-md">
      {shell.signIn}
    </Button>
  );
}

function Account({ auth }: { auth: Auth }) {
  const { person, isSuperuser, signOutUrl } = auth;
  if (person === null) return null;
  const names = person.permissions.map((permission) => permission.name);
  return (
    <Menu position="bottom-end" width={280} withinPortal>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          aria-label={`${shell.account}: ${person.email}`}
          leftSection={<CircleUser size={18} />}
        >
          <Text span size="sm" truncate maw="11rem" visibleFrom="md">
            {person.email}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{shell.signedInAs}</Menu.Label>
        <Text px="sm" size="sm" fw={600}>
          {person.email}
        </Text>
        <Menu.Label>{shell.permissions}</Menu.Label>
        <Text px="sm" pb="xs" size="sm" c="dimmed">
          {[...(isSuperuser ? [shell.superuser] : []), ...names].join(", ") || shell.noPermissions}
        </Text>
        <Menu.Divider />
        <TimeZoneItem />
        {signOutUrl !== null && (
          <Menu.Item
            leftSection={<LogOut size={16} />}
            onClick={() => {
              signOut(signOutUrl);
            }}
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
      leftSection={<Clock size={16} />}
      closeMenuOnClick={false}
      onClick={() => {
        setZone(other);
      }}
    >
      {shell.timeZone} {shell.timeZones[zone]}
    </Menu.Item>
  );
}
