/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Is this a virtual address? One multiplication, one byte, one comparison: the index has no collisions. */
#ifndef SAFEKIT_ADDRESSES_H
#define SAFEKIT_ADDRESSES_H

#include "packet.h"

static __always_inline const struct filter_address *find_address(const struct filter_plan *plan, __u8 family,
								  __u64 high, __u64 low)
{
	__u64 key = low ^ (high * 0x9e3779b97f4a7c15ULL);
	__u32 cell = (key * plan->index_multiplier) >> (64 - ADDRESS_INDEX_BITS);
	__u32 number = plan->index[cell & (ADDRESS_INDEX_SIZE - 1)];
	const struct filter_address *address;

	if (number >= ADDRESSES_MAX)
		return NULL;
	/* Linux 6.1 forgets the comparison where the compiler keeps the number on the stack; the mask it believes. */
	asm volatile("" : "+r"(number));
	address = &plan->addresses[number & (ADDRESSES_MAX - 1)];
	if (address->low != low || address->high != high || address->family != family)
		return NULL;
	return address;
}

/* Headers follow an Ethernet header of 14 bytes, so these loads are unaligned; both machines we run on allow it. */
static __always_inline __u64 load64(const void *from)
{
	return *(const __u64 *)from;
}

#endif
