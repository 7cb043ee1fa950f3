# SPDX-License-Identifier: MPL-2.0
	.text
	.globl by_hand
	.type by_hand, %function
by_hand:
	nop
	nop
	ret
	.size by_hand, .-by_hand
	.section .note.GNU-stack,"",%progbits
