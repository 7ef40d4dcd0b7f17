/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The maps. Those that C# writes are arrays mapped into its memory: renewing a lease or switching a table is a store. */
#ifndef SAFEKIT_FILTER_MAPS_H
#define SAFEKIT_FILTER_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "filter_structs.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct filter_control);
} control SEC(".maps");

/* Two versions, so that a whole configuration changes in one instant. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct filter_plan);
} plans SEC(".maps");

struct filter_rows {
	__u8 flags[BUCKETS_PER_GROUP];
};

/* Entry VERSIONS_PER_GROUP * group + version. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, VERSIONS_PER_GROUP * GROUPS_MAX);
	__type(key, __u32);
	__type(value, struct filter_rows);
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct filter_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FRAGMENTS_MAX);
	__type(key, struct fragment_key);
	__type(value, struct fragment_value);
} fragments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, GROUPS_MAX);
	__type(key, __u32);
	__type(value, struct filter_activity);
} activity SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, HELD_MAX);
	__type(key, struct held_key);
	__type(value, struct held_value);
} held SEC(".maps");

static __always_inline struct filter_control *current_control(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

static __always_inline const struct filter_plan *current_plan(const struct filter_control *c)
{
	__u32 version = c->active_plan & 1;

	return bpf_map_lookup_elem(&plans, &version);
}

#endif
