/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The way of a packet, top to bottom. Shared by the XDP, tc and trace programs. */
#ifndef SAFEKIT_DECIDE_H
#define SAFEKIT_DECIDE_H

#include "entry.h"
#include "parse.h"

static __always_inline int parse_network(const struct entry *e, struct packet *p, __u16 protocol, void *data,
					 void *end)
{
	int stop = protocol == ETH_P_IP ? parse_ipv4(p, data, end) : parse_ipv6(p, data, end);
	struct packet copy;

	if (stop != CONTINUE || p->fragment == FRAGMENT_LATER)
		return stop;
	if (is_plain(p))
		return parse_transport(p, data, end);
	copy = *p;
	stop = e->is_tc ? parse_remainder_tc(e->ctx, &copy) : parse_remainder_xdp(e->ctx, &copy);
	*p = copy;
	return stop;
}

static __always_inline void decide_ip(const struct entry *e, const struct filter_control *c,
				      const struct filter_plan *plan, __u16 protocol, __u32 offset, void *data,
				      void *end, struct outcome *o)
{
	const struct filter_address *address = find_destination(plan, protocol, data + offset, end);
	struct packet p = {};
	int stop;

	if (!address)
		return;
	p.address_high = address->high;
	p.address_low = address->low;
	p.network_offset = offset;
	p.is_directed = address->is_directed;
	if (address->is_directed && !is_addressed(e, address, &p, data, end)) {
		o->reason = REASON_NOT_ADDRESSED;
		return;
	}
	stop = parse_network(e, &p, protocol, data, end);
	if (stop == CONTINUE)
		judge(e, c, plan, address, &p, o);
	else
		o->reason = stop;
}

static __always_inline void decide(const struct entry *e, void *data, void *end, struct outcome *o)
{
	const struct filter_control *c = current_control();
	const struct filter_plan *plan = c ? current_plan(c) : NULL;
	const struct filter_address *asked = NULL;
	__u32 offset = 0;
	__u16 protocol;

	o->reason = REASON_OTHER;
	o->group = NO_GROUP;
	o->bucket = 0;
	o->next = NO_NODE;
	o->next_mac = 0;
	o->at_tc = 0;
	if (!plan)
		return;
	protocol = parse_ethernet(data, end, &offset);
	if (protocol == ETH_P_ARP)
		o->reason = judge_arp(plan, data, end, offset, e->ifindex, &asked);
	else if (protocol == ETH_P_IPV6)
		o->reason = judge_neighbour(plan, data, end, offset, e->ifindex, &asked);
	if (o->reason == REASON_NEIGHBOUR_QUERY && asked && asked->is_directed)
		judge_entry(e, plan, asked, protocol, data, end, offset, o);
	if (o->reason == REASON_OTHER && (protocol == ETH_P_IP || protocol == ETH_P_IPV6))
		decide_ip(e, c, plan, protocol, offset, data, end, o);
}

static __always_inline void count(__u8 reason)
{
	__u32 zero = 0;
	struct filter_counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (mine)
		mine->packets[reason & (REASONS_MAX - 1)]++;
}

#endif
