/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What few packets need, as global functions: the verifier checks each once by itself, instead of once for every way
 * that leads there (inlined, the ways through extension headers exceed its limit of a million instructions). Global
 * functions take the context by its type, hence one of each for XDP and for tc. Keys and values of maps that they are given by
 * reference are copied to their own stack first: older kernels (6.1) take no other memory of that kind for them.
 */
#ifndef SAFEKIT_RARE_H
#define SAFEKIT_RARE_H

#include "connections.h"
#include "filter_maps.h"
#include "parse_transport.h"

static __always_inline int parse_remainder(struct packet *p, void *data, void *end)
{
	__u32 before, extension_bytes;
	int stop;

	if (p->family == 6) {
		before = p->transport_offset;
		stop = walk_ipv6(p, data, end, IPV6_HEADERS_MAX);
		if (stop != CONTINUE || p->fragment == FRAGMENT_LATER)
			return stop;
		extension_bytes = p->transport_offset - before;
		if (p->payload_bytes < extension_bytes)
			return REASON_MALFORMED;
		p->payload_bytes -= extension_bytes;
	}
	return parse_transport(p, data, end);
}

__noinline int parse_remainder_xdp(struct xdp_md *ctx, struct packet *p)
{
	return p ? parse_remainder(p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : REASON_MALFORMED;
}

__noinline int parse_remainder_tc(struct __sk_buff *ctx, struct packet *p)
{
	return p ? parse_remainder(p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : REASON_MALFORMED;
}

/*
 * A connection unknown here, in a bucket of which others may hold some. The first packet puts it on the list of those that user
 * space asks the others about, with what the client expects next; once all have said no, a reset with that number is sent, and what still
 * comes is let through, so that the kernel answers with one.
 */
__noinline int is_orphan(struct packet *p, __u32 generation, __u32 place, int may_note)
{
	struct held_value fresh = {};
	struct held_key key = {};
	struct held_value *known;

	if (!p)
		return 0;
	key.client_high = p->client_high;
	key.client_low = p->client_low;
	key.address_high = p->address_high;
	key.address_low = p->address_low;
	key.client_port = p->client_port;
	key.server_port = p->server_port;
	key.family = p->family;
	key.slot = place >> 24;
	key.group = place >> 16;
	key.bucket = place;
	known = bpf_map_lookup_elem(&held, &key);
	if (known && known->generation == generation && known->orphan)
		return 1;
	if (!may_note || !p->tells)
		return 0;
	if (known && known->generation == generation) {
		known->client_expects = p->acknowledges;
		known->closes |= p->closes;
		return 0;
	}
	fresh.generation = generation;
	fresh.client_expects = p->acknowledges;
	fresh.closes = p->closes || (known && known->closes && !known->orphan);
	bpf_map_update_elem(&held, &key, &fresh, BPF_ANY);
	return 0;
}

__noinline int holds_connection_xdp(struct xdp_md *ctx, struct packet *p)
{
	return p ? holds_connection(ctx, p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : 0;
}

__noinline int holds_connection_tc(struct __sk_buff *ctx, struct packet *p)
{
	return p ? holds_connection(ctx, p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : 0;
}

#endif
