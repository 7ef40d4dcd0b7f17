/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The entries of the packet filter; decide.h is the way of a packet. */
#include "companion.h"

static __always_inline int filter_xdp(struct xdp_md *ctx)
{
	struct entry e = { .ctx = ctx, .ifindex = ctx->ingress_ifindex, .answers = 1 };
	struct outcome o;

	decide(&e, (void *)(long)ctx->data, (void *)(long)ctx->data_end, &o);
	count(o.reason);
	if (is_sent_on(&o))
		return o.at_tc ? XDP_PASS : readdress((void *)(long)ctx->data, (void *)(long)ctx->data_end, &o) ? XDP_TX : XDP_DROP;
	if (o.reason == REASON_COOKIE_SENT)
		return o.at_tc ? XDP_PASS : XDP_TX;
	return o.reason < REASON_DROPS ? XDP_PASS : XDP_DROP;
}

/* "frags": a program that can stand packets in several pages attaches to drivers with large frames too. */
SEC("xdp.frags")
int safekit_xdp(struct xdp_md *ctx)
{
	return filter_xdp(ctx);
}

/*
 * Generic mode without "frags": with it the kernel (6.18) replaces cloned packets by copies that have lost their MAC length,
 * and the companion then sees them without their Ethernet header. Every flooded packet on a bridge is cloned.
 */
SEC("xdp")
int safekit_xdp_generic(struct xdp_md *ctx)
{
	return filter_xdp(ctx);
}

/* Beside XDP on every interface. */
SEC("tc")
int safekit_companion(struct __sk_buff *skb)
{
	struct filter_control *c = current_control();
	const struct filter_plan *plan = c ? current_plan(c) : NULL;

	if (!plan)
		return TCX_NEXT;
	pull_headers(skb);
	return accompany(skb, plan, 1);
}

/* Instead of both where an interface refuses XDP. */
SEC("tc")
int safekit_tc(struct __sk_buff *skb)
{
	struct filter_control *c = current_control();
	const struct filter_plan *plan = c ? current_plan(c) : NULL;
	struct entry e = { .ctx = skb, .ifindex = skb->ifindex, .is_tc = 1, .answers = 1 };
	struct outcome o;

	if (!plan)
		return TCX_NEXT;
	pull_headers(skb);
	decide(&e, (void *)(long)skb->data, (void *)(long)skb->data_end, &o);
	count(o.reason);
	if (is_sent_on(&o))
		return send_at_tc(skb, &o);
	if (o.reason == REASON_COOKIE_SENT)
		return bpf_redirect(skb->ifindex, 0);
	return o.reason < REASON_DROPS ? accompany(skb, plan, 0) : TCX_DROP;
}

/* Never attached: says what would become of a packet, counts and remembers nothing. */
SEC("xdp.frags")
int safekit_trace(struct xdp_md *ctx)
{
	struct entry e = { .ctx = ctx, .ifindex = ctx->ingress_ifindex, .is_trace = 1 };
	struct outcome o;

	decide(&e, (void *)(long)ctx->data, (void *)(long)ctx->data_end, &o);
	return ((__u32)(o.next & (NODES_MAX - 1)) << 25) | ((__u32)o.reason << 20) | ((__u32)o.group << 12) | o.bucket;
}

/* Never attached: ticks and nanoseconds of one instant, from which C# learns how they relate. */
SEC("xdp")
int safekit_clock(struct xdp_md *ctx)
{
	__u64 *sample = (void *)(long)ctx->data;

	if ((void *)(sample + 2) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	sample[0] = bpf_jiffies64();
	sample[1] = bpf_ktime_get_ns();
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
