// SPDX-License-Identifier: MPL-2.0

import { Menu as MenuIcon } from "lucide-react";
import { Link } from "react-router";

import { IconButton } from "@/components/ui/button";
import { useDisclosure } from "@/components/ui/hooks";
import { Dialog } from "@/components/ui/overlay";
import { useAuth } from "@/lib/auth/use-auth";
import { paths } from "@/lib/paths";
import { shell } from "@/lib/texts/shell";
import { useRoom } from "@/lib/use-room";

import icon from "../icon.svg";
import { AccountMenu } from "./account-menu";
import { LookupBelowBar, LookupButton, LookupInBar } from "./header-lookup";
import { destinations } from "./navigation";
import { NavLinks } from "./nav-links";
import { ProgressBar } from "./progress-bar";
import classes from "./shell.module.css";
import { ThemeMenu } from "./theme-menu";

// What the name, the tools and each link need beside each other, in rem.
const FRAME = 27;
const LINK = 6.5;
const LOOKUP = 15;

/** The top bar: name, navigation, lookup, theme, account. */
export function Header() {
  const links = destinations(useAuth()).length;
  const [measure, room] = useRoom();
  const isNarrow = room < FRAME + links * LINK;
  const hasLookup = room >= FRAME + links * LINK + LOOKUP;
  const [isLookingUp, { close, toggle }] = useDisclosure();
  return (
    <header ref={measure} className={classes["header"]}>
      <ProgressBar />
      <div className={classes["bar"]}>
        <Link className={classes["name"]} to={paths.home}>
          <img src={icon} alt="" width={24} height={24} />
          {shell.name}
        </Link>
        {isNarrow ? (
          <FoldedNavigation />
        ) : (
          <nav aria-label={shell.navigation}>
            <NavLinks />
          </nav>
        )}
        {hasLookup && <LookupInBar />}
        <div className={classes["tools"]}>
          {!hasLookup && <LookupButton isOpen={isLookingUp} onToggle={toggle} />}
          <ThemeMenu />
          <AccountMenu />
        </div>
      </div>
      {!hasLookup && isLookingUp && <LookupBelowBar onLeave={close} />}
    </header>
  );
}

function FoldedNavigation() {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <IconButton aria-label={shell.openNavigation} aria-expanded={isOpen} onClick={open}>
        <MenuIcon size={20} />
      </IconButton>
      {isOpen && (
        <Dialog kind="drawer" title={shell.name} close={shell.closeNavigation} onClose={close}>
          <nav aria-label={shell.navigation} className={classes["drawer"]}>
            <NavLinks onFollow={close} />
          </nav>
        </Dialog>
      )}
    </>
  );
}
