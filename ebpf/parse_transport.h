/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* TCP, UDP and ICMP, and what an ICMP error says of the packet that caused it. */
#ifndef SAFEKIT_PARSE_TRANSPORT_H
#define SAFEKIT_PARSE_TRANSPORT_H

#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include "addresses.h"
#include "extensions.h"

/* linux/icmp.h needs the C library, so what is used of it is declared here (RFC 792). */
struct icmp_header {
	__u8 type, code;
	__be16 checksum;
	__be32 rest;
};

#define ICMP_ECHO_REPLY 0
#define ICMP_UNREACHABLE 3
#define ICMP_ECHO_REQUEST 8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETER_PROBLEM 12

static __always_inline int parse_tcp(struct packet *p, void *data, void *end)
{
	struct tcphdr *tcp = data + (p->transport_offset & OFFSET_MASK);

	HOLD(tcp);
	if ((void *)(tcp + 1) > end)
		return REASON_MALFORMED;
	p->client_port = bpf_ntohs(tcp->source);
	p->server_port = tcp->dest;
	p->opens = tcp->syn && !tcp->ack;
	p->closes = tcp->fin;
	p->tells = tcp->ack && !tcp->rst;
	p->acknowledges = bpf_ntohl(tcp->ack_seq);
	return CONTINUE;
}

static __always_inline int parse_udp(struct packet *p, void *data, void *end)
{
	struct udphdr *udp = data + (p->transport_offset & OFFSET_MASK);

	HOLD(udp);
	if ((void *)(udp + 1) > end)
		return REASON_MALFORMED;
	p->client_port = bpf_ntohs(udp->source);
	p->server_port = udp->dest;
	return CONTINUE;
}

/* The ports of a packet that the address sent to the client: source is ours, destination the client's. */
static __always_inline int parse_inner_transport(struct packet *p, void *data, void *end)
{
	__be16 *ports = data + (p->transport_offset & OFFSET_MASK);

	if (p->fragment == FRAGMENT_LATER || (void *)(ports + 2) > end)
		return REASON_MALFORMED;
	p->fragment = FRAGMENT_NONE; /* the error itself is whole */
	if (p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP) {
		p->server_port = ports[0];
		p->client_port = bpf_ntohs(ports[1]);
	} else if (p->protocol == (p->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
		p->echo = 1;
	}
	return CONTINUE;
}

static __always_inline int parse_inner_ipv4(struct packet *p, void *data, void *end)
{
	struct iphdr *ip = data + (p->transport_offset & OFFSET_MASK) + sizeof(struct icmp_header);

	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return REASON_MALFORMED;
	if (p->address_low != ip->saddr)
		return REASON_ICMP_FOREIGN;
	p->is_error = 1;
	p->client_low = bpf_ntohl(ip->daddr);
	p->protocol = ip->protocol;
	p->ip_identification = bpf_ntohs(ip->id);
	p->fragment = bpf_ntohs(ip->frag_off) & 0x1fff ? FRAGMENT_LATER : FRAGMENT_NONE;
	p->transport_offset += sizeof(struct icmp_header) + ip->ihl * 4;
	return parse_inner_transport(p, data, end);
}

static __always_inline int parse_inner_ipv6(struct packet *p, void *data, void *end)
{
	struct ipv6hdr *ip = data + (p->transport_offset & OFFSET_MASK) + sizeof(struct icmp_header);
	int stop;

	if ((void *)(ip + 1) > end || ip->version != 6)
		return REASON_MALFORMED;
	if (p->address_high != load64(&ip->saddr) || p->address_low != load64((void *)&ip->saddr + 8))
		return REASON_ICMP_FOREIGN;
	p->is_error = 1;
	p->client_high = bpf_be64_to_cpu(load64(&ip->daddr));
	p->client_low = bpf_be64_to_cpu(load64((void *)&ip->daddr + 8));
	p->protocol = ip->nexthdr;
	p->fragment = FRAGMENT_NONE;
	p->transport_offset += sizeof(struct icmp_header) + sizeof(*ip);
	stop = walk_ipv6(p, data, end, IPV6_HEADERS_INNER_MAX);
	return stop == CONTINUE ? parse_inner_transport(p, data, end) : stop;
}

static __always_inline int parse_icmp(struct packet *p, void *data, void *end)
{
	struct icmp_header *icmp = data + (p->transport_offset & OFFSET_MASK);

	if ((void *)(icmp + 1) > end)
		return REASON_MALFORMED;
	switch (icmp->type) {
	case ICMP_ECHO_REQUEST:
	case ICMP_ECHO_REPLY:
		p->echo = 1;
		return CONTINUE;
	case ICMP_UNREACHABLE:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETER_PROBLEM:
		return parse_inner_ipv4(p, data, end);
	}
	return REASON_NO_RULE;
}

static __always_inline int parse_icmpv6(struct packet *p, void *data, void *end)
{
	struct icmp_header *icmp = data + (p->transport_offset & OFFSET_MASK);

	if ((void *)(icmp + 1) > end)
		return REASON_MALFORMED;
	switch (icmp->type) {
	case ICMPV6_ECHO_REQUEST:
	case ICMPV6_ECHO_REPLY:
		p->echo = 1;
		return CONTINUE;
	case ICMPV6_DEST_UNREACH:
	case ICMPV6_PKT_TOOBIG:
	case ICMPV6_TIME_EXCEED:
	case ICMPV6_PARAMPROB:
		return parse_inner_ipv6(p, data, end);
	}
	return REASON_NO_RULE;
}

static __always_inline __u32 transport_bytes_min(__u8 protocol)
{
	return protocol == IPPROTO_TCP ? sizeof(struct tcphdr) : 8;
}

static __always_inline int parse_transport(struct packet *p, void *data, void *end)
{
	if (p->payload_bytes < (p->protocol == IPPROTO_TCP ? sizeof(struct tcphdr) : 8))
		return REASON_MALFORMED;
	if (p->protocol == IPPROTO_TCP)
		return parse_tcp(p, data, end);
	if (p->protocol == IPPROTO_UDP)
		return parse_udp(p, data, end);
	if (p->protocol == IPPROTO_ICMP && p->family == 4)
		return parse_icmp(p, data, end);
	if (p->protocol == IPPROTO_ICMPV6 && p->family == 6)
		return parse_icmpv6(p, data, end);
	return REASON_NO_RULE;
}

#endif
