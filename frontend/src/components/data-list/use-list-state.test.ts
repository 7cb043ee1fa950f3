// SPDX-License-Identifier: MPL-2.0

import { expect, test } from "vitest";

import { nextSort, readState } from "./use-list-state";

function read(query: string) {
  return readState(new URLSearchParams(query), ["user", "size"]);
}

test("an address is what the API is asked", () => {
  const state = read("user=bot&size=%3E1mb&other=x&sort=size&reverse=true&page=3");
  expect(state.filters).toEqual({ user: "bot", size: ">1mb" });
  expect(state.query).toEqual({ user: "bot", size: ">1mb", sort: "size", reverse: true, page: 3 });
});

test.each(["", "page=1", "page=0", "page=-2", "page=x", "page=1.5", "user="])(
  "%s is the first page of all",
  (query) => expect(read(query)).toMatchObject({ filters: {}, page: 1, query: {} }),
);

test("a header sorts downwards, then upwards, then no more", () => {
  const parameters = new URLSearchParams("user=bot&page=4");
  const seen = [1, 2, 3].map(() => {
    nextSort(parameters, "size");
    return parameters.toString();
  });
  expect(seen).toEqual(["user=bot&sort=size&reverse=true", "user=bot&sort=size", "user=bot"]);
});

test("another header begins anew", () => {
  const parameters = new URLSearchParams("sort=size");
  nextSort(parameters, "created_at");
  expect(parameters.toString()).toBe("sort=created_at&reverse=true");
});
