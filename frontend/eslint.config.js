// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const noImports = (patterns, message) => ({
  "no-restricted-imports": ["error", { patterns: [{ group: patterns, message }] }],
});

export default defineConfig(
  { ignores: ["src/lib/api/schema.d.ts"] }, // generated
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  },
  { files: ["**/*.{ts,tsx}"], languageOptions: { parserOptions: { projectService: true } } },
  reactHooks.configs.flat["recommended-latest"],
  {
    files: ["src/features/**"],
    rules: noImports(
      ["@/features/*", "@/app/*", "../../*"],
      "A feature imports itself and shared code.",
    ),
  },
  {
    files: ["src/components/**", "src/lib/**"],
    rules: noImports(["**/features/**", "**/app/**"], "Shared code does not know features."),
  },
);
