// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import "@mantine/core/styles.css";
import "./app.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import { shareStyleNonce } from "./style-nonce";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");

shareStyleNonce();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
