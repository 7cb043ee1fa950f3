// SPDX-License-Identifier: MPL-2.0

import { type ReactNode, useEffect, useState } from "react";

import { Modal } from "@/components/ui/overlay";

interface Properties {
  title: string;
  /** What its cross does: `Cancel`. */
  close: string;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A question that is open for as long as it is there. Behind it the focus is where it came from, or, where
 * that has gone with what was asked about, at the content of the page.
 */
export function Dialog({ title, close, onClose, children }: Properties) {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return;
        const isThere = opener instanceof HTMLElement && opener.isConnected;
        (isThere ? opener : document.getElementById("main"))?.focus({ preventScroll: true });
      });
    },
    [opener],
  );
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": close }}>
      {children}
    </Modal>
  );
}
