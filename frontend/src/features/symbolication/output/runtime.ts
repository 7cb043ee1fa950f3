// SPDX-License-Identifier: MPL-2.0

// Modules of operating systems and of languages, and what their functions are called in any module.
const MODULE = new RegExp(
  [
    String.raw`^(?:libc|libpthread|libm|libdl|librt|libgcc_s|libstdc\+\+|libc\+\+(?:abi)?|libunwind|libasan|libtsan|libubsan|ld(?:-linux.*|-\d.*|64)?)(?:[.-][\d.]+)?\.so(?:\.\d+)*$`,
    String.raw`^lib(?:system_\w+|dyld|dispatch|objc(?:\.A)?|c\+\+(?:abi)?(?:\.1)?|pthread)\.dylib$`,
    String.raw`^(?:CoreFoundation|Foundation|dyld)$`,
    String.raw`^w?(?:ntdll|kernel32|kernelbase|user32|win32u|ucrtbase\w*|msvcrt\w*|vcruntime\d+\w*|msvcp\d+\w*)\.(?:pdb|dll)$`,
  ].join("|"),
  "i",
);
const FUNCTION = new RegExp(
  [
    String.raw`^<?(?:std|__gnu_cxx|__cxxabiv1|core|alloc|backtrace_rs|rust_begin_unwind|__rust)(?:::|_|$)`,
    String.raw`^<(?:&|mut |dyn )*(?:std|core|alloc)::`,
    String.raw`^(?:void |bool |auto |decltype\(auto\) )(?:std|__gnu_cxx)::`,
    String.raw`^_?_?libc_(?:start_main|start_call_main)`,
    String.raw`^(?:_start|start|start_thread|_?thread_start|_pthread_(?:start|body)|clone3?|__clone3?|raise|abort|gsignal|panic_abort|rust_panic|rust_begin_unwind)$`,
    String.raw`^(?:__restore_rt|_sigtramp|__pthread_kill\w*|__assert_fail\w*|__cxa_\w+|_Unwind_\w+|__GI_\w+)$`,
    String.raw`^(?:BaseThreadInitThunk|_*RtlUserThreadStart|KiUserExceptionDispatch\w*|__scrt_\w+|invoke_main|\w*mainCRTStartup)$`,
    String.raw`^runtime\.|^core::panicking|^__asan_|^__interceptor_|^<signal handler called>$`,
  ].join("|"),
);

/** Say whether a call is one of an operating system or of a language's library, which seldom is what went wrong. */
export function isRuntime(fn: string | null, module: string | null): boolean {
  return (module !== null && MODULE.test(module)) || (fn !== null && FUNCTION.test(fn));
}
