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

// The browser's dialog: what it does with the focus is for tests in a browser.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};

export {};
