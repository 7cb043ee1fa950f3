// This Source Code Form is subject to the terms of the Mozilla Public
// License, v. 2.0. If a copy of the MPL was not distributed with this
// file, You can obtain one at https://mozilla.org/MPL/2.0/.

/** A call that the compiler put into its caller; what is not known is left out. */
export interface Inline {
  function?: string;
  file?: string;
  line?: number;
}

/** A frame of a v5 answer. With inlines, `file` and `line` are where the outermost was called. */
export interface Frame {
  frame: number;
  module_offset: string;
  module: string;
  function?: string;
  function_offset?: string;
  function_size?: string;
  file?: string;
  line?: number;
  inlines?: Inline[];
}

/** Why a module has no symbols. */
export interface ModuleError {
  name: string;
  message: string;
}

/** The answer to one job. `found_modules` is null where no frame needed the module. */
export interface JobAnswer {
  stacks: Frame[][];
  found_modules: Record<string, boolean | null>;
  module_errors?: Record<string, ModuleError[]>;
}

/** The answer to a v5 request. */
export interface Answer {
  results: JobAnswer[];
}
