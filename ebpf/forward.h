/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Directed addresses: what is another node's is sent on to it, with new MAC addresses and nothing else changed.
 *
 * Why no packet goes round: a frame that a member sent on may only go to a node with a lower number than this one's, and never to
 * its sender. So behind the first hop the numbers fall, whatever the tables of the nodes say, and it ends.
 */
#ifndef SAFEKIT_FORWARD_H
#define SAFEKIT_FORWARD_H

#include <linux/if_ether.h>
#include "forward_maps.h"
#include "hash.h"

static __always_inline __u64 load_mac(const __u8 *from)
{
	__u64 mac = 0;

	__builtin_memcpy(&mac, from, 6);
	return mac;
}

/* Is the frame for this machine, on the interface of the address? Notes who sent it. */
static __always_inline int is_addressed(const struct entry *e, const struct filter_address *address, struct packet *p,
					void *data, void *end)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return 0;
	p->source_mac = load_mac(eth->h_source);
	return e->ifindex == address->ifindex && load_mac(eth->h_dest) == load_mac(address->own_mac);
}

/* All that decides where a packet is sent on to, and the answer; by reference to a global function (see rare.h). */
struct forward {
	__u64 source_mac;
	__u64 next_mac; /* answer */
	__u32 ifindex;
	__u32 place; /* of the routes */
	__u32 bucket;
	__u32 self;
	__u32 next; /* answer; a later fragment: where the first one went */
	__u8 reason; /* why this node does not take the packet */
	__u8 may_continue; /* an established connection may be on a former owner */
	__u8 is_later_fragment;
	__u8 unused;
};

/* The number of the member that sent the frame; NO_NODE for a client or a router. */
static __always_inline __u32 sender_of(const struct forward *f)
{
	struct mac_key key = { .ifindex = f->ifindex };
	const __u32 *node;

	__builtin_memcpy(key.mac, &f->source_mac, 6);
	node = bpf_map_lookup_elem(&member_macs, &key);
	return node ? *node : NO_NODE;
}

static __always_inline int may_have(__u32 node, __u32 self, __u32 sender)
{
	return node < NODES_MAX && node != self && node != sender && (sender == NO_NODE || node < self);
}

static __always_inline __u8 send_to(struct forward *f, __u32 node, __u8 reason)
{
	struct member_key key = { .ifindex = f->ifindex, .node = node };
	const struct member_mac *member = bpf_map_lookup_elem(&members, &key);

	if (!member)
		return REASON_FORWARD_UNKNOWN;
	f->next = node;
	f->next_mac = load_mac(member->mac);
	return reason;
}

/* To the highest of those who may have it: the owner, and for an established connection the former owners too. */
static __always_inline __u8 send_to_holder(struct forward *f, const struct filter_routes *r, __u32 sender)
{
	__u32 bucket = f->bucket & (BUCKETS_PER_GROUP - 1), best = NO_NODE;

#pragma unroll
	for (int i = 0; i < ROUTE_HOLDERS; i++) {
		__u32 holder = r->holders[i][bucket];

		if (i > 0 && !f->may_continue)
			break;
		if (may_have(holder, f->self, sender) && (best == NO_NODE || holder > best))
			best = holder;
	}
	if (best != NO_NODE)
		return send_to(f, best, best == r->holders[0][bucket] ? REASON_FORWARDED : REASON_FORWARDED_FORMER);
	if (f->reason == REASON_RESET_HELD)
		return f->reason;
	return sender == NO_NODE ? REASON_FORWARD_UNKNOWN : REASON_FORWARD_ENDED;
}

/* The reason, and who gets the packet if it is sent on. A later fragment goes where the first one went, if it may. */
__noinline int find_next(struct forward *f)
{
	const struct filter_routes *r;
	__u32 sender, place;

	if (!f)
		return REASON_FORWARD_ENDED;
	place = f->place; /* on our own stack: Linux 6.1 takes no key for a map from a caller's */
	sender = sender_of(f);
	if (f->is_later_fragment)
		return may_have(f->next, f->self, sender) ? send_to(f, f->next, REASON_FORWARDED) : REASON_FORWARD_ENDED;
	r = bpf_map_lookup_elem(&routes, &place);
	return r ? send_to_holder(f, r, sender) : REASON_FORWARD_ENDED;
}

static __always_inline void send_on(const struct entry *e, const struct filter_address *address, struct forward *f,
				    const struct packet *p, struct outcome *o)
{
	f->source_mac = p->source_mac;
	f->ifindex = e->ifindex;
	f->self = address->self;
	o->reason = find_next(f);
	o->next = f->next;
	o->next_mac = f->next_mac;
	o->at_tc = address->sends_at_tc;
}

/* What this node would drop because it is not its own goes on. Not bound to the lease: who gets it asks his own. */
static __always_inline void send_on_by_routes(const struct entry *e, const struct filter_address *address,
					      const struct filter_slot *slot, const struct packet *p, struct outcome *o)
{
	struct forward f = {};

	if (o->reason != REASON_NOT_MINE && o->reason != REASON_RESET_HELD)
		return;
	f.place = (o->group & (GROUPS_MAX - 1)) * VERSIONS_PER_GROUP +
		  (*(const volatile __u32 *)&slot->active & (VERSIONS_PER_GROUP - 1));
	f.bucket = o->bucket;
	f.reason = o->reason;
	f.may_continue = p->protocol == IPPROTO_TCP && !p->opens;
	send_on(e, address, &f, p, o);
}

static __always_inline void send_after_first(const struct entry *e, const struct filter_address *address, __u32 node,
					     const struct packet *p, struct outcome *o)
{
	struct forward f = { .is_later_fragment = 1, .next = node };

	o->reason = REASON_FORWARD_ENDED;
	if (address->is_directed)
		send_on(e, address, &f, p, o);
}

static __always_inline int is_sent_on(const struct outcome *o)
{
	return o->reason >= REASON_FORWARDS;
}

/* New MAC addresses: from the machine that the frame was for, to the next. Zero if the frame has no room for them. */
static __always_inline int readdress(void *data, void *end, const struct outcome *o)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return 0;
	__builtin_memcpy(eth->h_source, eth->h_dest, 6);
	__builtin_memcpy(eth->h_dest, &o->next_mac, 6);
	return 1;
}

#endif
