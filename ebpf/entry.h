/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Directed addresses: one node answers each client that asks where the address is, and so becomes its entry. */
#ifndef SAFEKIT_ENTRY_H
#define SAFEKIT_ENTRY_H

#include "neighbour.h"
#include "verdict.h"

/* A question for a directed address; by reference to a global function (see rare.h). */
struct question {
	struct asker_key asker;
	struct asker_value mac;
	__u64 hash_seed;
	__u32 entry_group;
	__u8 entry_slot;
	__u8 family;
	__u8 is_trace;
	__u8 unused;
};

static __always_inline int read_question(struct question *q, __u16 protocol, void *data, void *end, __u32 offset)
{
	struct ethhdr *eth = data;
	struct arp_packet *arp = data + offset;
	struct ipv6hdr *ip = data + offset;

	if ((void *)(eth + 1) > end)
		return 0;
	__builtin_memcpy(q->mac.mac, eth->h_source, 6);
	q->family = protocol == ETH_P_ARP ? 4 : 6;
	if (protocol == ETH_P_ARP) {
		if ((void *)(arp + 1) > end)
			return 0;
		q->asker.client_low = load_ipv4(arp->sender_address);
		return 1;
	}
	if ((void *)(ip + 1) > end)
		return 0;
	q->asker.client_high = load64(&ip->saddr);
	q->asker.client_low = load64((void *)&ip->saddr + 8);
	return 1;
}

static __always_inline __u32 bucket_of_asker(const struct question *q)
{
	struct packet p = { .family = q->family };

	if (q->family == 4) {
		p.client_low = bpf_ntohl((__u32)q->asker.client_low);
	} else {
		p.client_high = bpf_be64_to_cpu(q->asker.client_high);
		p.client_low = bpf_be64_to_cpu(q->asker.client_low);
	}
	return hash_bucket(q->hash_seed, &p, HASH_ADDRESS);
}

/* The reason, and above it (from bit 8 on) the bucket. */
__noinline int judge_question(struct question *q)
{
	const struct filter_control *c = current_control();
	const struct filter_slot *slot;
	struct asker_value mac;
	struct asker_key asker;
	struct outcome o = {};
	int reason = REASON_NEIGHBOUR_QUERY;

	if (!q || !c)
		return REASON_NO_RULE;
	/* On our own stack: Linux 6.1 takes no key for a map from a caller's. */
	asker = q->asker;
	mac = q->mac;
	/* Every node hears a question that is broadcast: whoever inherits the client can tell it at once. */
	if (!q->is_trace)
		bpf_map_update_elem(&askers, &asker, &mac, BPF_ANY);
	slot = &c->slots[q->entry_slot & (SLOTS_MAX - 1)];
	o.group = q->entry_group;
	o.bucket = bucket_of_asker(q);
	if (!(row_of(slot, &o) & ROW_MINE))
		reason = REASON_NOT_MINE;
	else if (!lease_holds(c, slot))
		reason = REASON_LEASE_EXPIRED;
	return reason | o.bucket << 8;
}

static __always_inline void judge_entry(const struct entry *e, const struct filter_plan *plan,
					const struct filter_address *address, __u16 protocol, void *data, void *end,
					__u32 offset, struct outcome *o)
{
	struct question q = {
		.asker = { .address_high = address->high, .address_low = address->low },
		.hash_seed = plan->hash_seed,
		.entry_group = address->entry_group,
		.entry_slot = address->entry_slot,
		.is_trace = e->is_trace,
	};
	__u32 answer;

	o->reason = REASON_NO_RULE;
	if (address->entry_group == NO_GROUP || !read_question(&q, protocol, data, end, offset))
		return;
	answer = judge_question(&q);
	o->reason = answer & 0xff;
	o->group = address->entry_group;
	o->bucket = answer >> 8;
}

#endif
