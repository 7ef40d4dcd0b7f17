/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the benchmark compares the filter with, and the traffic it compares them on. Never part of the product. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define TCX_NEXT -1 /* in linux/bpf.h since 6.6 */
#define CLIENTS 65536 /* as many as the low half of an address can tell apart */
#define PORT_FIRST 1024
#define PORT_STEP 7919 /* a prime, so that neighbouring clients have ports far apart */
#define PORT_MASK 0x7fff
#define VARIED_MAX 262144 /* connections that take turns in front of the filter */

/* Mirrored in tools/Bench/Packets/TrafficSettings.cs. */
struct traffic {
	__u32 ifindex;	  /* where the frames go; 0: nowhere, for the generator's own cost */
	__u32 sequence;	  /* one generator on one CPU: no atomics */
	__u32 header_sum; /* of the IPv4 header without the low half of the source, as it stands in memory */
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct traffic);
} traffic SEC(".maps");

/* Mirrored in tools/Bench/Packets/VariedClient.cs; both in network order. */
struct varied_client {
	__u32 address;
	__u16 port;
	__u16 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, VARIED_MAX);
	__type(key, __u32);
	__type(value, struct varied_client);
} varied SEC(".maps");

/* What runs behind bench_vary: the filter, or nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} behind SEC(".maps");

/* How many clients take turns, a power of two; and whose turn it is: one test run on one CPU, no atomics. */
struct turns {
	__u32 clients;
	__u32 next;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct turns);
} turns SEC(".maps");

/* The section type of the filter's entry: what is measured is the program, not another way into it. */
SEC("xdp.frags")
int bench_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("xdp.frags")
int bench_drop(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_DROP;
}

/* Beside the companion. */
SEC("tc")
int bench_next(struct __sk_buff *skb)
{
	(void)skb;
	return TCX_NEXT;
}

/* Passes one packet in three without looking at it: what no filter that takes a third can fall below. */
SEC("xdp.frags")
int bench_third(struct xdp_md *ctx)
{
	static __u32 sequence;

	(void)ctx;
	return ++sequence % 3 ? XDP_DROP : XDP_PASS;
}

static __always_inline void write_client_ipv4(struct iphdr *ip, __u32 client, __u32 header_sum)
{
	__u16 low = bpf_htons(client);
	__u32 sum = header_sum + low;

	((__u16 *)&ip->saddr)[1] = low;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

/* Frames are recycled with what was written last, so every one is written whole. */
static __always_inline int write_client(void *data, void *end, struct traffic *t)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	__u32 client = t->sequence++ & (CLIENTS - 1);
	struct udphdr *udp;

	if ((void *)(ip + 1) + sizeof(*udp) > end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		write_client_ipv4(ip, client, t->header_sum);
		udp = (void *)(ip + 1);
	} else {
		if ((void *)(ip6 + 1) + sizeof(*udp) > end)
			return 0;
		ip6->saddr.s6_addr16[7] = bpf_htons(client);
		udp = (void *)(ip6 + 1);
	}
	udp->source = bpf_htons(PORT_FIRST + ((client * PORT_STEP) & PORT_MASK));
	return 1;
}

SEC("xdp")
int bench_generate(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct traffic *t = bpf_map_lookup_elem(&traffic, &zero);

	if (!t || !write_client((void *)(long)ctx->data, (void *)(long)ctx->data_end, t))
		return XDP_ABORTED;
	return t->ifindex ? bpf_redirect(t->ifindex, 0) : XDP_DROP;
}

/* A test run repeats one frame: this makes each repeat a packet of another client, so that caches are as cold as in service. */
SEC("xdp.frags")
int bench_vary(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);
	struct udphdr *ports = (void *)(ip + 1); /* the ports of TCP stand in the same place */
	const struct varied_client *client;
	struct turns *t;
	__u32 zero = 0;
	__u32 number;

	t = bpf_map_lookup_elem(&turns, &zero);
	if (!t || (void *)(ports + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	number = t->next++ & (t->clients - 1);
	client = bpf_map_lookup_elem(&varied, &number);
	if (!client)
		return XDP_ABORTED;
	ip->saddr = client->address;
	ports->source = client->port;
	bpf_tail_call(ctx, &behind, 0);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "Dual BSD/GPL";
