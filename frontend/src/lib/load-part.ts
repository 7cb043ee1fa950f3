// SPDX-License-Identifier: MPL-2.0

import { isServerUp, serverIsUp } from "./api/transport";

/** A part of the app cannot be loaded though the server answers. */
export class PartMissingError extends Error {
  constructor(
    cause: unknown,
    /** Whether the server has another version of the app by now. */
    readonly isOutdated: boolean,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = "PartMissingError";
  }
}

/**
 * Load a part of the app: `loadPart(() => import("./page"))`. While the server is down it waits.
 *
 * Throws PartMissingError for what the server has not.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      return await load();
    } catch (error) {
      const isUp = await isServerUp();
      if (isUp && isSecond) throw new PartMissingError(error, await isOutdated());
      await serverIsUp();
      await reloadStyles();
    }
  }
}

/** The loader of parts takes a style sheet that failed for one that is there. */
async function reloadStyles(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]");
  const broken = [...links].filter((link) => link.sheet === null);
  await Promise.all(
    broken.map(
      (link) =>
        new Promise((resolve) => {
          const again = link.cloneNode() as HTMLLinkElement;
          again.addEventListener("load", resolve);
          again.addEventListener("error", resolve);
          link.replaceWith(again);
        }),
    ),
  );
}

/** Whether the server's page starts another script than this one did. */
async function isOutdated(): Promise<boolean> {
  const own = document.querySelector<HTMLScriptElement>("script[type=module][src]");
  if (own === null) return false;
  try {
    const page = await fetch("/", { cache: "no-store" });
    return page.ok && !(await page.text()).includes(new URL(own.src).pathname);
  } catch {
    return false;
  }
}
