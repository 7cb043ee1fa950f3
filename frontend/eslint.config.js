// SPDX-License-Identifier: MPL-2.0

import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const library = {
  group: ["@mantine/*"],
  message: "Only components/ui knows the component library.",
};

const noImports = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default defineConfig(
  { ignores: ["src/lib/api/schema.d.ts"] }, // generated
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  },
  { files: ["**/*.{ts,tsx}"], languageOptions: { parserOptions: { projectService: true } } },
  reactHooks.configs.flat["recommended-latest"],
  { files: ["src/**"], rules: noImports(library) },
  {
    files: ["src/features/**"],
    rules: noImports(library, {
      group: ["@/features/*", "@/app/*", "../../*"],
      message: "A feature imports itself and shared code.",
    }),
  },
  {
    files: ["src/components/**", "src/lib/**"],
    rules: noImports(library, {
      group: ["**/features/**", "**/app/**"],
      message: "Shared code does not know features.",
    }),
  },
  {
    files: ["src/components/ui/**"],
    rules: noImports({
      group: ["**/features/**", "**/app/**"],
      message: "Shared code does not know features.",
    }),
  },
);
