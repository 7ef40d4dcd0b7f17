/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* ARP and neighbour discovery that concern a virtual address: who asks, who probes, who claims it. */
#ifndef SAFEKIT_NEIGHBOUR_H
#define SAFEKIT_NEIGHBOUR_H

#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include "addresses.h"

/* linux/if_arp.h needs the C library, so the header is declared here: RFC 826 for Ethernet and IPv4. */
struct arp_packet {
	__be16 hardware, protocol;
	__u8 hardware_bytes, protocol_bytes;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender_address[4];
	__u8 target_mac[6];
	__u8 target_address[4];
} __attribute__((packed));

#define ARP_REQUEST 1
#define ARP_REPLY 2

/* RFC 4861, 4.3 and 4.4: solicitation and advertisement have one shape. */
struct neighbour_message {
	__u8 type, code;
	__be16 checksum;
	__be32 flags;
	__u8 target[16];
} __attribute__((packed));

#define NEIGHBOUR_SOLICITATION 135
#define NEIGHBOUR_ADVERTISEMENT 136
#define NEIGHBOUR_HOP_LIMIT 255 /* RFC 4861, 7.1: anything less came through a router */

static __always_inline __u32 load_ipv4(const __u8 *from)
{
	__u32 address;

	__builtin_memcpy(&address, from, sizeof(address));
	return address;
}

static __always_inline __u8 judge_arp(const struct filter_plan *plan, void *data, void *end, __u32 offset,
				      __u32 ifindex, const struct filter_address **address)
{
	struct arp_packet *arp = data + offset;

	if ((void *)(arp + 1) > end || arp->protocol != bpf_htons(ETH_P_IP) || arp->hardware_bytes != 6 ||
	    arp->protocol_bytes != 4)
		return REASON_OTHER;
	if (find_address(plan, 4, 0, load_ipv4(arp->sender_address)))
		return REASON_NEIGHBOUR_CLAIM;
	*address = find_address(plan, 4, 0, load_ipv4(arp->target_address));
	if (!*address || arp->operation != bpf_htons(ARP_REQUEST))
		return REASON_OTHER;
	if (load_ipv4(arp->sender_address) == 0)
		return REASON_NEIGHBOUR_PROBE;
	return (*address)->ifindex == ifindex ? REASON_NEIGHBOUR_QUERY : REASON_NEIGHBOUR_ELSEWHERE;
}

/* REASON_OTHER for whatever is no neighbour discovery about a virtual address: the rest of the filter judges it. */
static __always_inline __u8 judge_neighbour(const struct filter_plan *plan, void *data, void *end, __u32 offset,
					    __u32 ifindex, const struct filter_address **address)
{
	struct ipv6hdr *ip = data + offset;
	struct neighbour_message *message = (void *)(ip + 1);

	if ((void *)(message + 1) > end || ip->nexthdr != IPPROTO_ICMPV6)
		return REASON_OTHER;
	if (message->type != NEIGHBOUR_SOLICITATION && message->type != NEIGHBOUR_ADVERTISEMENT)
		return REASON_OTHER;
	*address = find_address(plan, 6, load64(message->target), load64(message->target + 8));
	if (!*address)
		return REASON_OTHER;
	if (message->type == NEIGHBOUR_ADVERTISEMENT)
		return REASON_NEIGHBOUR_CLAIM;
	if (ip->hop_limit != NEIGHBOUR_HOP_LIMIT || message->code != 0)
		return REASON_MALFORMED;
	if (load64(&ip->saddr) == 0 && load64((void *)&ip->saddr + 8) == 0)
		return REASON_NEIGHBOUR_PROBE;
	return (*address)->ifindex == ifindex ? REASON_NEIGHBOUR_QUERY : REASON_NEIGHBOUR_ELSEWHERE;
}

#endif
