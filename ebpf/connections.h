/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Does this kernel hold the connection? Asked only for buckets that are changing hands. */
#ifndef SAFEKIT_CONNECTIONS_H
#define SAFEKIT_CONNECTIONS_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include "packet.h"

/*
 * Under SYN cookies the last packet of a handshake finds only the listener: the cookie in it tells whether this
 * host issued it.
 */
static __always_inline int is_cookie_of(struct bpf_sock *listener, const struct packet *p, void *data, void *end)
{
	struct tcphdr *tcp = data + (p->transport_offset & OFFSET_MASK);
	void *ip = data + (p->network_offset & 0xff);

	if (p->is_error || (void *)(tcp + 1) > end)
		return 0;
	if (p->family == 4) {
		if (ip + sizeof(struct iphdr) > end)
			return 0;
		return bpf_tcp_check_syncookie(listener, ip, sizeof(struct iphdr), tcp, sizeof(*tcp)) == 0;
	}
	if (ip + sizeof(struct ipv6hdr) > end)
		return 0;
	return bpf_tcp_check_syncookie(listener, ip, sizeof(struct ipv6hdr), tcp, sizeof(*tcp)) == 0;
}

static __always_inline struct bpf_sock *find_socket(void *ctx, const struct packet *p)
{
	struct bpf_sock_tuple tuple = {};

	if (p->family == 4) {
		tuple.ipv4.saddr = bpf_htonl((__u32)p->client_low);
		tuple.ipv4.daddr = (__u32)p->address_low;
		tuple.ipv4.sport = bpf_htons(p->client_port);
		tuple.ipv4.dport = p->server_port;
		return bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	}
	*(__u64 *)&tuple.ipv6.saddr[0] = bpf_cpu_to_be64(p->client_high);
	*(__u64 *)&tuple.ipv6.saddr[2] = bpf_cpu_to_be64(p->client_low);
	*(__u64 *)&tuple.ipv6.daddr[0] = p->address_high;
	*(__u64 *)&tuple.ipv6.daddr[2] = p->address_low;
	tuple.ipv6.sport = bpf_htons(p->client_port);
	tuple.ipv6.dport = p->server_port;
	return bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
}

static __always_inline int holds_connection(void *ctx, const struct packet *p, void *data, void *end)
{
	struct bpf_sock *socket = find_socket(ctx, p);
	int holds;

	if (!socket)
		return 0;
	if (p->is_directed && socket->state == BPF_TCP_TIME_WAIT)
		holds = 0;
	else
		holds = socket->state != BPF_TCP_LISTEN || is_cookie_of(socket, p, data, end);
	bpf_sk_release(socket);
	return holds;
}

#endif
