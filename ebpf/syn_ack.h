/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Turns a SYN into the SYN-ACK that answers it, in place. */
#ifndef SAFEKIT_SYN_ACK_H
#define SAFEKIT_SYN_ACK_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include "checksum.h"
#include "forward_maps.h"
#include "packet.h"

#define SYN_ACK_TTL 64
#define SYN_ACK_DONT_FRAGMENT 0x4000
#define SYN_ACK_FLAGS 0x6012 /* six words of header; SYN and ACK */
#define SYN_ACK_WINDOW 0xffff /* what can be told without window scaling */
#define OPTION_SEGMENT_BYTES 2
#define MTU_MIN 576
#define TCP_HEADER_BYTES_MAX 60

/* One option and no other: timestamps carry a secret of the kernel, and what else could be offered travels in them. */
struct syn_ack {
	struct tcphdr tcp;
	__u8 option, option_bytes;
	__be16 segment_bytes_max;
};

/* A TCP header with its options. */
union tcp_copy {
	struct tcphdr header;
	__be32 words[TCP_HEADER_BYTES_MAX / 4];
};

/* What the stack has no room for. */
struct scratch {
	union tcp_copy tcp;
	struct mac_key sender;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *own_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratches, &zero);
}

/* The length of the header at the offset, which is copied with its options; 0 if it is not all there. */
static __always_inline __u32 copy_tcp(void *ctx, __u32 offset, union tcp_copy *copy, int is_tc)
{
	__u32 bytes;

	if (is_tc ? bpf_skb_load_bytes(ctx, offset, copy, sizeof(copy->header)) :
		    bpf_xdp_load_bytes(ctx, offset, copy, sizeof(copy->header)))
		return 0;
	bytes = copy->header.doff * 4;
	HOLD(bytes);
	if (bytes < sizeof(copy->header) || bytes > sizeof(*copy))
		return 0;
	if (is_tc ? bpf_skb_load_bytes(ctx, offset, copy, bytes) : bpf_xdp_load_bytes(ctx, offset, copy, bytes))
		return 0;
	return bytes;
}

static __always_inline __u32 ip_bytes_of(__u8 family)
{
	return family == 4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/* The virtual MAC is never a source: a switch that saw it as one would stop flooding. */
static __always_inline void turn_ethernet(struct ethhdr *eth, const struct filter_address *address)
{
	__builtin_memcpy(eth->h_dest, eth->h_source, 6);
	__builtin_memcpy(eth->h_source, address->own_mac, 6);
}

static __always_inline void turn_ipv4(struct iphdr *ip)
{
	__be32 client = ip->saddr;

	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->tos = 0;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(struct syn_ack));
	ip->id = 0;
	ip->frag_off = bpf_htons(SYN_ACK_DONT_FRAGMENT);
	ip->ttl = SYN_ACK_TTL;
	ip->check = 0;
	ip->saddr = ip->daddr;
	ip->daddr = client;
	ip->check = fold_checksum(bpf_csum_diff(NULL, 0, (__be32 *)ip, sizeof(*ip), 0));
}

static __always_inline void turn_ipv6(struct ipv6hdr *ip)
{
	__u64 *addresses = (void *)&ip->saddr;
	__u64 high = addresses[0], low = addresses[1];

	*(__be32 *)ip = bpf_htonl(0x60000000); /* version; neither class nor flow label */
	ip->payload_len = bpf_htons(sizeof(struct syn_ack));
	ip->hop_limit = SYN_ACK_TTL;
	addresses[0] = addresses[2];
	addresses[1] = addresses[3];
	addresses[2] = high;
	addresses[3] = low;
}

static __always_inline void turn_tcp(struct syn_ack *answer, __u32 cookie, __u32 segment_bytes_max)
{
	__be16 client = answer->tcp.source;

	answer->tcp.source = answer->tcp.dest;
	answer->tcp.dest = client;
	answer->tcp.ack_seq = bpf_htonl(bpf_ntohl(answer->tcp.seq) + 1);
	answer->tcp.seq = bpf_htonl(cookie);
	((__be16 *)answer)[6] = bpf_htons(SYN_ACK_FLAGS);
	answer->tcp.window = bpf_htons(SYN_ACK_WINDOW);
	answer->tcp.urg_ptr = 0;
	answer->option = OPTION_SEGMENT_BYTES;
	answer->option_bytes = 4;
	answer->segment_bytes_max = bpf_htons(segment_bytes_max);
}

/* The frame has its final length. The checksum of TCP stays that of the SYN; NULL if there is less than expected. */
static __always_inline struct syn_ack *turn_frame(void *data, void *end, const struct filter_address *address, __u32 cookie,
						  __u32 mtu)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct syn_ack *answer;

	if (address->family == 4) {
		answer = (void *)(ip + 1);
		if ((void *)(answer + 1) > end)
			return NULL;
		turn_ipv4(ip);
	} else {
		answer = (void *)(ip6 + 1);
		if ((void *)(answer + 1) > end)
			return NULL;
		turn_ipv6(ip6);
	}
	HOLD(answer);
	turn_tcp(answer, cookie, mtu - ip_bytes_of(address->family) - sizeof(struct tcphdr));
	turn_ethernet(eth, address);
	return answer;
}

/* Of the interface; 0 if it cannot be told, or is less than every host must take (RFC 1122, 3.3.3). */
static __always_inline __u32 mtu_of(void *ctx)
{
	__u32 mtu = 0;

	if (bpf_check_mtu(ctx, 0, &mtu, 0, 0) < 0 || mtu < MTU_MIN)
		return 0;
	return mtu > 0xffff ? 0xffff : mtu;
}

static __always_inline long answer_bytes(const struct filter_address *address)
{
	return sizeof(struct ethhdr) + ip_bytes_of(address->family) + sizeof(struct syn_ack);
}

/* Zero, and nothing is changed, if the frame cannot get the length of the answer. */
static __always_inline int write_syn_ack_xdp(struct xdp_md *ctx, const struct filter_address *address, __u32 cookie)
{
	__s64 sum = bpf_htons(sizeof(struct syn_ack) + IPPROTO_TCP);
	__u32 mtu = mtu_of(ctx);
	struct syn_ack *answer;
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (!mtu || bpf_xdp_adjust_tail(ctx, answer_bytes(address) - (end - data)))
		return 0;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	answer = turn_frame(data, end, address, cookie, mtu);
	if (!answer)
		return 0;
	answer->tcp.check = 0;
	data += sizeof(struct ethhdr);
	if (address->family == 4)
		sum = bpf_csum_diff(NULL, 0, data + offsetof(struct iphdr, saddr), 8, sum);
	else
		sum = bpf_csum_diff(NULL, 0, data + offsetof(struct ipv6hdr, saddr), 32, sum);
	sum = bpf_csum_diff(NULL, 0, (__be32 *)answer, sizeof(*answer), sum);
	answer->tcp.check = fold_checksum(sum);
	return 1;
}

/*
 * The SYN of a machine on the same host may have no checksum yet, only the part of it that the sender's kernel leaves to the card. The kernel
 * knows and does not tell, but it keeps either kind right if it is told what changes: hence by differences, and only for a SYN without data.
 */
static __always_inline int write_syn_ack_tc(struct __sk_buff *skb, const struct filter_address *address, __u32 cookie)
{
	__u32 offset = sizeof(struct ethhdr) + ip_bytes_of(address->family);
	struct scratch *scratch = own_scratch();
	__u32 mtu = mtu_of(skb), bytes;
	struct syn_ack *answer;
	__s64 change;

	if (!mtu || !scratch)
		return 0;
	bytes = copy_tcp(skb, offset, &scratch->tcp, 1);
	if (!bytes || bpf_skb_change_tail(skb, answer_bytes(address), 0))
		return 0;
	answer = turn_frame((void *)(long)skb->data, (void *)(long)skb->data_end, address, cookie, mtu);
	if (!answer)
		return 0;
	/* The checksum itself is in both, at the same place. */
	change = bpf_csum_diff(scratch->tcp.words, bytes, (__be32 *)answer, sizeof(*answer), 0);
	offset += offsetof(struct tcphdr, check);
	return !bpf_l4_csum_replace(skb, offset, 0, change, 0) &&
	       !bpf_l4_csum_replace(skb, offset, bpf_htons(bytes), bpf_htons(sizeof(*answer)), BPF_F_PSEUDO_HDR | sizeof(__be16));
}

#endif
