// SPDX-License-Identifier: MPL-2.0

/** Something to begin with: the module of `make example`, in each of the forms. */
export interface Example {
  label: string;
  text: string;
}

const FILE = "hello";
const ID = "5A1C3F2B9D8E47606B1FA2C4D5E6F7890";
const BUILD_ID = "2b3f1c5a8e9d60476b1fa2c4d5e6f78901234567";

const REQUEST = `{
  "jobs": [
    {
      "memoryMap": [["${FILE}", "${ID}"]],
      "stacks": [
        [[0, ${String(0x114e)}], [0, ${String(0x1179)}], [0, ${String(0x1024)}]]
      ]
    }
  ]
}
`;

const LINES = `${FILE}/${ID}
0x114e
0x1179
0x1024
`;

const CRASH = `signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0
backtrace:
    #00 pc 000000000000114e  /system/bin/${FILE} (greet+14) (BuildId: ${BUILD_ID})
    #01 pc 0000000000001179  /system/bin/${FILE} (main+9) (BuildId: ${BUILD_ID})
    #02 pc 0000000000001024  /system/bin/${FILE} (BuildId: ${BUILD_ID})
    #03 pc 000000000004a2f8  /system/lib64/libc.so
`;

const DUMP = `${FILE} ${ID} 0x55d0c0d00000

Thread 0 (crashed)
 0  ${FILE} + 0x114e
 1  ${FILE} + 0x1179
Thread 1
 0  0x55d0c0d01024 ${FILE}
`;

const GDB = `Program received signal SIGSEGV, Segmentation fault.
#0  0x000055d0c0d0114e in ?? () from /usr/bin/${FILE}
#1  0x000055d0c0d0117a in ?? () from /usr/bin/${FILE}
#2  0x00007f12a4b0b2e3 in ?? () from /lib/libc.so.6

${FILE} ${ID} 0x55d0c0d00000
`;

export const examples: readonly Example[] = [
  { label: "Request", text: REQUEST },
  { label: "Modules and offsets", text: LINES },
  { label: "Tombstone", text: CRASH },
  { label: "Minidump", text: DUMP },
  { label: "gdb", text: GDB },
];
