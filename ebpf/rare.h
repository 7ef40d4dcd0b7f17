/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What few packets need, as global functions: the verifier checks each once by itself, instead of once for every way
 * that leads there (inlined, the ways through extension headers exceed its limit of a million instructions). Global
 * functions take the context by its type, hence one of each for XDP and for tc.
 */
#ifndef SAFEKIT_RARE_H
#define SAFEKIT_RARE_H

#include "connections.h"
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

__noinline int holds_connection_xdp(struct xdp_md *ctx, struct packet *p)
{
	return p ? holds_connection(ctx, p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : 0;
}

__noinline int holds_connection_tc(struct __sk_buff *ctx, struct packet *p)
{
	return p ? holds_connection(ctx, p, (void *)(long)ctx->data, (void *)(long)ctx->data_end) : 0;
}

#endif
