// SPDX-License-Identifier: MPL-2.0

export { useDebouncedValue, useDisclosure, useLocalStorage } from "@mantine/hooks";
