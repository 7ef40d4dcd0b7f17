/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Ethernet and IP. Every function returns a reason to stop, or CONTINUE. */
#ifndef SAFEKIT_PARSE_H
#define SAFEKIT_PARSE_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include "addresses.h"
#include "parse_transport.h"

struct vlan_header {
	__be16 tag;
	__be16 protocol;
};

#define IPV4_OFFSET_MASK 0x1fff
#define IPV4_MORE 0x2000

/* The protocol above Ethernet and its offset; 0 for a frame too short to have one. */
static __always_inline __u16 parse_ethernet(void *data, void *end, __u32 *offset)
{
	struct ethhdr *eth = data;
	struct vlan_header *vlan = (void *)(eth + 1);
	__u16 protocol;

	if ((void *)(eth + 1) > end)
		return 0;
	protocol = bpf_ntohs(eth->h_proto);
	*offset = sizeof(*eth);
#pragma unroll
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (protocol != ETH_P_8021Q && protocol != ETH_P_8021AD)
			break;
		if ((void *)(vlan + 1) > end)
			return 0;
		protocol = bpf_ntohs(vlan->protocol);
		*offset += sizeof(*vlan);
		vlan++;
	}
	return protocol;
}

/* One TCP or UDP header after the IP header is the common case; the rest is looked at out of line. */
static __always_inline int is_plain(const struct packet *p)
{
	return p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP;
}

static __always_inline int parse_ipv4(struct packet *p, void *data, void *end)
{
	struct iphdr *ip = data + p->network_offset;
	__u32 header_bytes, total_bytes;
	__u16 fragment;

	if ((void *)(ip + 1) > end)
		return REASON_MALFORMED;
	header_bytes = ip->ihl * 4;
	total_bytes = bpf_ntohs(ip->tot_len);
	if (ip->version != 4 || header_bytes < sizeof(*ip) || total_bytes < header_bytes)
		return REASON_MALFORMED;
	p->family = 4;
	p->client_low = bpf_ntohl(ip->saddr);
	p->protocol = ip->protocol;
	p->ip_identification = bpf_ntohs(ip->id);
	p->fragment_identification = p->ip_identification;
	p->transport_offset = p->network_offset + header_bytes;
	p->payload_bytes = total_bytes - header_bytes;
	fragment = bpf_ntohs(ip->frag_off);
	if (fragment & IPV4_OFFSET_MASK)
		p->fragment = FRAGMENT_LATER;
	else if (fragment & IPV4_MORE)
		p->fragment = FRAGMENT_FIRST;
	return CONTINUE;
}

static __always_inline int parse_ipv6(struct packet *p, void *data, void *end)
{
	struct ipv6hdr *ip = data + p->network_offset;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return REASON_MALFORMED;
	p->family = 6;
	p->client_high = bpf_be64_to_cpu(load64(&ip->saddr));
	p->client_low = bpf_be64_to_cpu(load64((void *)&ip->saddr + 8));
	p->protocol = ip->nexthdr;
	p->transport_offset = p->network_offset + sizeof(*ip);
	p->payload_bytes = bpf_ntohs(ip->payload_len);
	return CONTINUE;
}

/* The address table's entry for the destination; NULL as well when there is no destination to be read. */
static __always_inline const struct filter_address *find_destination(const struct filter_plan *plan, __u16 protocol,
								      void *network, void *end)
{
	struct iphdr *ip = network;
	struct ipv6hdr *ip6 = network;

	if (protocol == ETH_P_IP)
		return (void *)(ip + 1) > end ? NULL : find_address(plan, 4, 0, ip->daddr);
	if (protocol == ETH_P_IPV6)
		return (void *)(ip6 + 1) > end ? NULL :
			find_address(plan, 6, load64(&ip6->daddr), load64((void *)&ip6->daddr + 8));
	return NULL;
}

#endif
