// SPDX-License-Identifier: MPL-2.0

import { useParams } from "react-router";

import { Need } from "@/components/need";

import { User } from "./components/user";

export function Component() {
  const { id } = useParams();
  return (
    <Need superuser>
      <User key={id} id={Number(id)} />
    </Need>
  );
}
