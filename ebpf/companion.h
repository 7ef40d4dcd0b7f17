/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What only tc can do on every device: mend the packet type, and send an answer out of the interface. */
#ifndef SAFEKIT_COMPANION_H
#define SAFEKIT_COMPANION_H

#include <linux/pkt_cls.h>
#include "checksum.h"
#include "decide.h"

#define TCX_NEXT -1 /* let other programs of the interface see the packet */
#define TCX_DROP 2
#define HEADERS_BYTES 256 /* pulled into the linear part: all that the parser may want to see */

#define ADVERTISEMENT_FLAGS 0x60000000 /* solicited, override */
#define OPTION_TARGET_MAC 2

struct advertisement {
	struct neighbour_message message;
	__u8 option_type;
	__u8 option_units;
	__u8 mac[6];
} __attribute__((packed));

/* The virtual MAC stands in the payload only: a switch that saw it as a source would stop flooding. */
static __always_inline int answer_arp(struct __sk_buff *skb, const struct filter_address *address, __u32 offset)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct arp_packet *arp = data + offset;

	if ((void *)(eth + 1) > end || (void *)(arp + 1) > end)
		return TCX_DROP;
	__builtin_memcpy(eth->h_dest, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, address->own_mac, 6);
	arp->operation = bpf_htons(ARP_REPLY);
	__builtin_memcpy(arp->target_mac, arp->sender_mac, 6);
	__builtin_memcpy(arp->target_address, arp->sender_address, 4);
	__builtin_memcpy(arp->sender_mac, address->virtual_mac, 6);
	__builtin_memcpy(arp->sender_address, &address->low, 4);
	return bpf_redirect(skb->ifindex, 0);
}

static __always_inline void write_advertisement(struct ipv6hdr *ip, struct advertisement *a,
						const struct filter_address *address)
{
	struct {
		__be32 length, next;
	} pseudo = { bpf_htonl(sizeof(*a)), bpf_htonl(IPPROTO_ICMPV6) };
	__s64 sum;

	ip->daddr = ip->saddr;
	__builtin_memcpy(&ip->saddr, &address->high, 16);
	ip->payload_len = bpf_htons(sizeof(*a));
	ip->hop_limit = NEIGHBOUR_HOP_LIMIT;
	a->message.type = NEIGHBOUR_ADVERTISEMENT;
	a->message.code = 0;
	a->message.checksum = 0;
	a->message.flags = bpf_htonl(ADVERTISEMENT_FLAGS);
	a->option_type = OPTION_TARGET_MAC;
	a->option_units = 1;
	__builtin_memcpy(a->mac, address->virtual_mac, 6);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)&pseudo, sizeof(pseudo), 0);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)&ip->saddr, 32, sum);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)a, sizeof(*a), sum);
	a->message.checksum = fold_checksum(sum);
}

/* The question may carry options that the answer does not, so the frame gets the length of the answer first. */
static __always_inline int answer_neighbour(struct __sk_buff *skb, const struct filter_address *address, __u32 offset)
{
	__u32 bytes = offset + sizeof(struct ipv6hdr) + sizeof(struct advertisement);
	struct advertisement *a;
	struct ipv6hdr *ip;
	struct ethhdr *eth;
	void *data, *end;

	if (bpf_skb_change_tail(skb, bytes, 0))
		return TCX_DROP;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	eth = data;
	ip = data + offset;
	a = (void *)(ip + 1);
	if ((void *)(eth + 1) > end || (void *)(a + 1) > end)
		return TCX_DROP;
	__builtin_memcpy(eth->h_dest, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, address->own_mac, 6);
	write_advertisement(ip, a, address);
	return bpf_redirect(skb->ifindex, 0);
}

static __always_inline void pull_headers(struct __sk_buff *skb)
{
	__u32 bytes = skb->len < HEADERS_BYTES ? skb->len : HEADERS_BYTES;

	if ((void *)(long)skb->data + bytes > (void *)(long)skb->data_end)
		bpf_skb_pull_data(skb, bytes);
}

static __always_inline int send_at_tc(struct __sk_buff *skb, const struct outcome *o)
{
	return readdress((void *)(long)skb->data, (void *)(long)skb->data_end, o) ? bpf_redirect(skb->ifindex, 0) : TCX_DROP;
}

/* XDP has counted the packet and left it to us. */
static __always_inline int is_left_to_companion(struct __sk_buff *skb, const struct filter_address *address, struct outcome *o)
{
	struct entry e = { .ctx = skb, .ifindex = skb->ifindex, .is_tc = 1 };

	if (!address->is_directed || !address->sends_at_tc)
		return 0;
	decide(&e, (void *)(long)skb->data, (void *)(long)skb->data_end, o);
	return is_sent_on(o);
}

/* The cookie with which XDP, which has counted the packet, wants it answered. A mark serves once. */
static __always_inline int take_mark(struct __sk_buff *skb, __u32 *cookie)
{
	struct cookie_mark *mark = (void *)(long)skb->data_meta;

	if ((void *)(mark + 1) > (void *)(long)skb->data || mark->magic != COOKIE_MARK)
		return 0;
	*cookie = mark->cookie;
	mark->magic = 0;
	return 1;
}

static __always_inline int send_syn_ack(struct __sk_buff *skb, const struct filter_address *address, __u32 cookie)
{
	return answer_syn_tc(skb, address, cookie) ? bpf_redirect(skb->ifindex, 0) : TCX_DROP;
}

/* A packet that was let through: mend it if it is for a virtual address, answer it if it asks for one. */
static __always_inline int accompany(struct __sk_buff *skb, const struct filter_plan *plan, int is_beside_xdp)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	const struct filter_address *asked = NULL, *destination;
	__u32 offset = 0, cookie;
	struct outcome o;
	__u16 protocol = parse_ethernet(data, end, &offset);

	if (protocol == ETH_P_ARP)
		return judge_arp(plan, data, end, offset, skb->ifindex, &asked) == REASON_NEIGHBOUR_QUERY && asked ?
			       answer_arp(skb, asked, offset) : TCX_NEXT;
	if (protocol == ETH_P_IPV6 &&
	    judge_neighbour(plan, data, end, offset, skb->ifindex, &asked) == REASON_NEIGHBOUR_QUERY && asked)
		return answer_neighbour(skb, asked, offset);
	destination = find_destination(plan, protocol, data + offset, end);
	if (is_beside_xdp && destination && take_mark(skb, &cookie))
		return send_syn_ack(skb, destination, cookie);
	if (is_beside_xdp && destination && is_left_to_companion(skb, destination, &o))
		return send_at_tc(skb, &o);
	/* The virtual MAC is not the interface's, so the kernel marked the frame as somebody else's. */
	if (skb->pkt_type != 0 && destination)
		bpf_skb_change_type(skb, 0);
	return TCX_NEXT;
}

#endif
