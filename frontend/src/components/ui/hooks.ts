// SPDX-License-Identifier: MPL-2.0

import { useCallback, useEffect, useState } from "react";

/** Whether something is open: `[isOpen, { open, close, toggle }]`. */
export function useDisclosure(isOpenAtFirst = false) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const open = useCallback(() => setOpen(true), []);
  const close = useCallback(() => setOpen(false), []);
  const toggle = useCallback(() => setOpen((was) => !was), []);
  return [isOpen, { open, close, toggle }] as const;
}

/** A value as it was once it stayed the same for some milliseconds: `[value]`. */
export function useDebouncedValue<Value>(value: Value, milliseconds: number): [Value] {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return [settled];
}
