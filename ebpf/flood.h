/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Answering the SYNs of a flood with the kernel's own cookies, at a quarter of what each costs the kernel. */
#ifndef SAFEKIT_FLOOD_H
#define SAFEKIT_FLOOD_H

#include "connections.h"
#include "filter_maps.h"
#include "forward_maps.h"
#include "syn_ack.h"

/* In front of a frame that XDP leaves to the companion to be answered. */
struct cookie_mark {
	__u32 magic;
	__u32 cookie;
};

#define COOKIE_MARK 0x5afec00c

static __always_inline int leave_to_companion(struct xdp_md *ctx, __u32 cookie)
{
	struct cookie_mark *mark;

	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*mark)))
		return 0;
	mark = (void *)(long)ctx->data_meta;
	if ((void *)(mark + 1) > (void *)(long)ctx->data)
		return 0;
	mark->magic = COOKIE_MARK;
	mark->cookie = cookie;
	return 1;
}

/* Up to a pace the kernel answers all: its cookies keep timestamps, and with them scaling and selective acknowledgements. */
__noinline int is_beyond_pace(void)
{
	__u64 window = bpf_ktime_get_coarse_ns() >> SYN_WINDOW_SHIFT;
	__u32 zero = 0;
	struct filter_counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (!mine)
		return 0;
	if (mine->syn_window != window) {
		mine->syn_window = window;
		mine->syns = 0;
	}
	return ++mine->syns > SYNS_PER_WINDOW;
}

/* What the kernel would not answer is not answered here either: the first byte of an address tells most of it. */
static __always_inline int is_host(const struct packet *p)
{
	__u32 first;

	if (p->family == 4) {
		first = (__u32)p->client_low >> 24;
		return first != 0 && first != 127 && first < 224 && bpf_htonl((__u32)p->client_low) != (__u32)p->address_low;
	}
	/* High half zero: unspecified, loopback, or IPv4 in disguise. */
	return p->client_high != 0 && p->client_high >> 56 != 0xff &&
	       !(bpf_cpu_to_be64(p->client_high) == p->address_high && bpf_cpu_to_be64(p->client_low) == p->address_low);
}

/* The answer goes back to who sent the frame: not if that was a member that sent it on, nor to a group. */
static __always_inline int may_answer_sender(const struct filter_address *address, const struct ethhdr *eth, struct mac_key *sender)
{
	sender->ifindex = address->ifindex;
	sender->unused = 0;
	__builtin_memcpy(sender->mac, eth->h_source, 6);
	return !(eth->h_source[0] & 1) && !bpf_map_lookup_elem(&member_macs, sender);
}

/* Nothing between the headers, and the packet whole. */
static __always_inline int is_bare(const struct packet *p, long frame_bytes)
{
	return p->network_offset == sizeof(struct ethhdr) && p->fragment == FRAGMENT_NONE &&
	       p->transport_offset == p->network_offset + ip_bytes_of(p->family) &&
	       p->transport_offset + p->payload_bytes <= frame_bytes;
}

/*
 * Positive: the kernel answers with this cookie because the listener's queue is full, and has taken down that it may come back. Whether there is
 * a flood, and what the administrator allows (net.ipv4.tcp_syncookies), is thus decided by the kernel alone.
 */
static __always_inline __s64 ask_listener(void *ctx, const struct packet *p, void *ip, union tcp_copy *tcp, __u32 tcp_bytes)
{
	struct bpf_sock *socket = find_socket(ctx, p);
	__s64 cookie = 0;

	if (!socket)
		return 0;
	if (socket->state == BPF_TCP_LISTEN)
		cookie = p->family == 4 ? bpf_tcp_gen_syncookie(socket, ip, sizeof(struct iphdr), (void *)tcp, tcp_bytes) :
					  bpf_tcp_gen_syncookie(socket, ip, sizeof(struct ipv6hdr), (void *)tcp, tcp_bytes);
	bpf_sk_release(socket);
	return cookie;
}

/* Positive: the cookie with which this SYN may be answered here. */
static __always_inline __s64 find_cookie(void *ctx, const struct packet *p, const struct filter_address *address, void *data,
					 void *end, int is_tc)
{
	struct scratch *scratch = own_scratch();
	struct ethhdr *eth = data;
	__u32 tcp_bytes;

	if ((void *)(eth + 1) + sizeof(struct ipv6hdr) > end || !scratch || !is_bare(p, (long)end - (long)data) || !is_host(p) ||
	    !may_answer_sender(address, eth, &scratch->sender))
		return 0;
	tcp_bytes = copy_tcp(ctx, p->transport_offset, &scratch->tcp, is_tc);
	if (!tcp_bytes || (p->payload_bytes != tcp_bytes && (is_tc || address->answers_syns != SYN_BY_XDP)))
		return 0;
	return ask_listener(ctx, p, eth + 1, &scratch->tcp, tcp_bytes);
}

/* Global functions, see rare.h; two for each way, because one would need more stack than is left. */
__noinline __s64 find_cookie_xdp(struct xdp_md *ctx, struct packet *p, const struct filter_address *address)
{
	return p && address ? find_cookie(ctx, p, address, (void *)(long)ctx->data, (void *)(long)ctx->data_end, 0) : 0;
}

__noinline __s64 find_cookie_tc(struct __sk_buff *ctx, struct packet *p, const struct filter_address *address)
{
	return p && address ? find_cookie(ctx, p, address, (void *)(long)ctx->data, (void *)(long)ctx->data_end, 1) : 0;
}

/* Nonzero if the packet is an answer now, or marked to become one. */
__noinline int answer_syn_xdp(struct xdp_md *ctx, const struct filter_address *address, __u32 cookie)
{
	if (!address)
		return 0;
	return address->answers_syns == SYN_BY_XDP ? write_syn_ack_xdp(ctx, address, cookie) : leave_to_companion(ctx, cookie);
}

__noinline int answer_syn_tc(struct __sk_buff *ctx, const struct filter_address *address, __u32 cookie)
{
	return address ? write_syn_ack_tc(ctx, address, cookie) : 0;
}

__noinline int count_cookie(__u32 slot)
{
	__u32 zero = 0;
	struct filter_counters *mine = bpf_map_lookup_elem(&counters, &zero);

	if (mine)
		mine->cookies[slot & (SLOTS_MAX - 1)]++;
	return 0;
}

/* A SYN that this node would let through to its kernel. Few branches: each is one for every way that leads here. */
static __always_inline void answer_flood(const struct entry *e, const struct filter_address *address, __u8 slot,
					 const struct packet *p, struct outcome *o)
{
	struct packet copy;
	__s64 cookie;

	if (address->answers_syns == SYN_BY_KERNEL || e->ifindex != address->ifindex || !is_beyond_pace())
		return;
	copy = *p;
	cookie = e->is_tc ? find_cookie_tc(e->ctx, &copy, address) : find_cookie_xdp(e->ctx, &copy, address);
	if (cookie <= 0 || !(e->is_tc ? answer_syn_tc(e->ctx, address, cookie) : answer_syn_xdp(e->ctx, address, cookie)))
		return;
	o->reason = REASON_COOKIE_SENT;
	o->at_tc = address->answers_syns == SYN_AT_TC;
	count_cookie(slot);
}

#endif
