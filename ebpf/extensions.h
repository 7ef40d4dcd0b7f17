/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The chain of IPv6 extension headers (RFC 8200, 4). */
#ifndef SAFEKIT_EXTENSIONS_H
#define SAFEKIT_EXTENSIONS_H

#include "packet.h"

struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 identification;
};

#define IPV6_OFFSET_MASK 0xfff8
#define IPV6_MORE 0x0001

/* Follows the extension headers from p->transport_offset and p->protocol on; bounded. */
static __always_inline int walk_ipv6(struct packet *p, void *data, void *end, int headers_max)
{
	for (int i = 0; i <= headers_max; i++) {
		struct fragment_header *header = data + (p->transport_offset & OFFSET_MASK);
		__u8 kind = p->protocol;

		if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS &&
		    kind != IPPROTO_FRAGMENT)
			return CONTINUE;
		if ((void *)(header + 1) > end)
			return REASON_MALFORMED;
		p->protocol = header->next;
		if (kind != IPPROTO_FRAGMENT) {
			/* The second byte of the other kinds: length in units of 8, the first not counted. */
			p->transport_offset += (header->reserved + 1) * 8;
			continue;
		}
		p->transport_offset += sizeof(*header);
		p->fragment_identification = bpf_ntohl(header->identification);
		if (bpf_ntohs(header->offset) & IPV6_OFFSET_MASK) {
			p->fragment = FRAGMENT_LATER;
			return CONTINUE;
		}
		if (bpf_ntohs(header->offset) & IPV6_MORE)
			p->fragment = FRAGMENT_FIRST;
	}
	return REASON_HEADER_CHAIN;
}

#endif
