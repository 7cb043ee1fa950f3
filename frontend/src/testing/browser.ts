// SPDX-License-Identifier: MPL-2.0

// What the components ask of a browser, and jsdom has not.

const narrow: Partial<MediaQueryList> = {
  matches: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};
window.matchMedia = () => narrow as MediaQueryList;

window.scrollTo = () => undefined;

window.ResizeObserver = class {
  observe() {
    return undefined;
  }
  unobserve() {
    return undefined;
  }
  disconnect() {
    return undefined;
  }
};

export {};
