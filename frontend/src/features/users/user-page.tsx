// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

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
