/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a parsed packet to a reason: rule, hash, bucket, owner, lease. */
#ifndef SAFEKIT_VERDICT_H
#define SAFEKIT_VERDICT_H

#include "filter_maps.h"
#include "flood.h"
#include "forward.h"
#include "hash.h"
#include "rare.h"

/*
 * A tick may be late when the CPU that keeps time does not run; the kernel makes up for it after five
 * (MAX_STALLED_JIFFIES), which jiffies_latest_ns contains. So far from the end a load and a multiplication decide,
 * and near the end the exact clock does: the lease never lasts longer than it says.
 */
static __always_inline int lease_holds(const struct filter_control *c, const struct filter_slot *slot)
{
	__u64 until_ns = *(const volatile __u64 *)&slot->lease_until_ns;

	if (until_ns > bpf_jiffies64() * c->jiffy_ns + c->jiffies_latest_ns)
		return 1;
	return until_ns != 0 && until_ns > bpf_ktime_get_ns();
}

/* The first rule that matches, as a number so that the verifier forgets which one it was; rule_count if none. */
static __always_inline __u32 match_rule(const struct filter_address *address, const struct packet *p)
{
	__u32 i;

	if (p->echo)
		return 0;
	for (i = 0; i < RULES_PER_ADDRESS_MAX; i++) {
		const struct filter_rule *rule = &address->rules[i];

		if (i >= address->rule_count)
			break;
		if (rule->protocol == p->protocol && (rule->any_port || rule->port == p->server_port))
			break;
	}
	return i;
}

static __always_inline __u8 row_of(const struct filter_slot *slot, const struct outcome *o)
{
	__u32 key = (o->group & (GROUPS_MAX - 1)) * VERSIONS_PER_GROUP +
		    (*(const volatile __u32 *)&slot->active & (VERSIONS_PER_GROUP - 1));
	struct filter_rows *version = bpf_map_lookup_elem(&rows, &key);

	return version ? version->flags[o->bucket & (BUCKETS_PER_GROUP - 1)] : 0;
}

static __always_inline int has_connection(const struct entry *e, const struct packet *p)
{
	struct packet copy = *p; /* so that p itself may live in registers */

	return e->is_tc ? holds_connection_tc(e->ctx, &copy) : holds_connection_xdp(e->ctx, &copy);
}

static __always_inline int has_no_holder(const struct entry *e, const struct filter_slot *slot, const struct filter_rule *rule,
					 const struct packet *p, const struct outcome *o)
{
	__u32 generation = *(const volatile __u32 *)&slot->generation;
	__u32 place = ((__u32)rule->slot << 24) | ((__u32)o->group << 16) | o->bucket;
	struct packet copy = *p;

	return is_orphan(&copy, generation, place, !e->is_trace);
}

/* A store only when a quarter of a second has passed since the last one: a busy bucket costs no more than a quiet one. */
static __always_inline void note_activity(const struct outcome *o)
{
	__u32 key = o->group & (GROUPS_MAX - 1);
	struct filter_activity *of_group = bpf_map_lookup_elem(&activity, &key);
	__u32 ticks = (bpf_jiffies64() >> ACTIVITY_SHIFT) | 1;
	__u32 *last;

	if (!of_group)
		return;
	last = &of_group->ticks[o->bucket & (BUCKETS_PER_GROUP - 1)];
	if (*last != ticks)
		*last = ticks;
}

static __always_inline __u8 reason_of_row(const struct entry *e, const struct filter_slot *slot, const struct filter_rule *rule,
					  const struct packet *p, const struct outcome *o)
{
	__u8 row = row_of(slot, o);
	int may_continue = p->protocol == IPPROTO_TCP && !p->opens;

	if (row & ROW_MINE) {
		if (row & ROW_HOLD_RESETS && may_continue && !has_connection(e, p) && !has_no_holder(e, slot, rule, p, o))
			return REASON_RESET_HELD;
		return REASON_TAKEN;
	}
	if (row & ROW_MAY_HOLD_CONNECTIONS && may_continue && has_connection(e, p))
		return REASON_TAKEN_CONNECTION;
	return REASON_NOT_MINE;
}

static __always_inline void fragment_key_of(struct fragment_key *key, const struct packet *p)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->client_high = p->client_high;
	key->client_low = p->client_low;
	key->address_high = p->address_high;
	key->address_low = p->address_low;
	key->identification = p->fragment_identification;
	key->protocol = p->family == 4 ? p->protocol : 0; /* IPv6: not known to a later fragment */
	key->family = p->family;
}

__noinline int remember_fragment(const struct fragment_key *key, const struct fragment_value *value)
{
	struct fragment_value remembered;
	struct fragment_key own;

	if (!key || !value)
		return 0;
	/* On our own stack: Linux 6.1 takes no key for a map from a caller's. */
	own = *key;
	remembered = *value;
	return bpf_map_update_elem(&fragments, &own, &remembered, BPF_ANY);
}

static __always_inline void remember_first_fragment(const struct packet *p, const struct outcome *o, __u8 slot)
{
	struct fragment_value value = {
		.taken = o->reason < REASON_DROPS || is_sent_on(o),
		.next = is_sent_on(o) ? o->next : NO_NODE,
		.slot = slot,
		.group = o->group,
		.bucket = o->bucket,
	};
	struct fragment_key key;

	fragment_key_of(&key, p);
	remember_fragment(&key, &value);
}

static __always_inline void judge_later_fragment(const struct entry *e, const struct filter_control *c,
						 const struct filter_address *address, const struct packet *p,
						 struct outcome *o)
{
	const struct fragment_value *first;
	struct fragment_key key;

	fragment_key_of(&key, p);
	first = bpf_map_lookup_elem(&fragments, &key);
	if (!first) {
		o->reason = REASON_FRAGMENT_UNKNOWN;
		return;
	}
	o->group = first->group;
	o->bucket = first->bucket;
	if (!first->taken)
		o->reason = REASON_FRAGMENT_DROPPED;
	else if (first->next != NO_NODE)
		send_after_first(e, address, first->next, p, o);
	else if (lease_holds(c, &c->slots[first->slot & (SLOTS_MAX - 1)]))
		o->reason = REASON_TAKEN_FRAGMENT;
	else
		o->reason = REASON_LEASE_EXPIRED;
}

static __always_inline void judge(const struct entry *e, const struct filter_control *c,
				  const struct filter_plan *plan, const struct filter_address *address,
				  const struct packet *p, struct outcome *o)
{
	const struct filter_slot *slot;
	const struct filter_rule *rule;
	__u32 number;

	if (p->fragment == FRAGMENT_LATER) {
		judge_later_fragment(e, c, address, p, o);
		return;
	}
	number = match_rule(address, p);
	if (number >= address->rule_count) {
		o->reason = REASON_NO_RULE;
		return;
	}
	rule = &address->rules[number & (RULES_PER_ADDRESS_MAX - 1)];
	slot = &c->slots[rule->slot & (SLOTS_MAX - 1)];
	o->group = rule->group;
	o->bucket = hash_bucket(plan->hash_seed, p, p->echo ? HASH_ADDRESS : rule->input);
	o->reason = reason_of_row(e, slot, rule, p, o);
	if (o->reason < REASON_DROPS && !lease_holds(c, slot))
		o->reason = REASON_LEASE_EXPIRED;
	if (address->is_directed)
		send_on_by_routes(e, address, slot, p, o);
	if (e->answers && p->opens && o->reason == REASON_TAKEN)
		answer_flood(e, address, rule->slot, p, o);
	if (rule->notes_activity && o->reason == REASON_TAKEN && !e->is_trace)
		note_activity(o);
	if (p->fragment == FRAGMENT_FIRST && !e->is_trace)
		remember_first_fragment(p, o, rule->slot);
}

#endif
