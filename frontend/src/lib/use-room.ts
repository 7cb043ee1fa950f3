// SPDX-License-Identifier: MPL-2.0

import { useCallback, useState } from "react";

/**
 * How wide an element is in `rem`, so that zoom and the font of the browser count: `[ref, room]`.
 *
 * Before it is measured, and where nothing can be, there is any room.
 */
export function useRoom(): [
  ref: (element: HTMLElement | null) => (() => void) | undefined,
  room: number,
] {
  const [room, setRoom] = useState(Infinity);
  const measure = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const read = () => {
      const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      if (element.clientWidth > 0) setRoom(Math.floor((4 * element.clientWidth) / size) / 4);
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [measure, room];
}
