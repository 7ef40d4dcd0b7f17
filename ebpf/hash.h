/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Client to bucket. The same function is src/Filter/FilterHash.cs; frozen vectors hold the two together. */
#ifndef SAFEKIT_HASH_H
#define SAFEKIT_HASH_H

#include "packet.h"

/* Two rounds of xor-shift and multiply: a bijection in which every input bit reaches every bucket bit. */
static __always_inline __u64 hash_mix(__u64 x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93ULL;
	return x ^ (x >> 32);
}

static __always_inline __u16 hash_extra(const struct packet *p, __u8 input)
{
	if (input == HASH_ADDRESS_AND_PORT)
		return p->client_port;
	if (input == HASH_IP_IDENTIFICATION && p->family == 4 && p->protocol == IPPROTO_UDP)
		return p->ip_identification;
	return 0;
}

static __always_inline __u32 hash_bucket(__u64 seed, const struct packet *p, __u8 input)
{
	__u64 extra = hash_extra(p, input);
	__u64 hash;

	if (p->family == 4) {
		hash = hash_mix(seed ^ p->client_low ^ (extra << 32));
	} else {
		hash = hash_mix(seed ^ p->client_high);
		hash = hash_mix(hash ^ p->client_low);
		hash = hash_mix(hash ^ extra);
	}
	return hash & (BUCKETS_PER_GROUP - 1);
}

#endif
