// SPDX-License-Identifier: MPL-2.0

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
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `() => close()` is how handlers are written; what it returns, nobody takes.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  reactHooks.configs.flat["recommended-latest"],
  {
    files: ["src/features/**"],
    rules: noImports(
      ["@/features/*", "@/app/*", "../../*"],
      "A feature imports itself and shared code.",
    ),
  },
  {
    files: ["src/components/**", "src/domain/**", "src/lib/**"],
    rules: noImports(["**/features/**", "**/app/**"], "Shared code does not know features."),
  },
);
