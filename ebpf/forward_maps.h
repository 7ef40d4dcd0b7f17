/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The maps of directed addresses. */
#ifndef SAFEKIT_FORWARD_MAPS_H
#define SAFEKIT_FORWARD_MAPS_H

#include "filter_maps.h"

/* Entry VERSIONS_PER_GROUP * group + version: in force together with the rows of that number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, VERSIONS_PER_GROUP * GROUPS_MAX);
	__type(key, __u32);
	__type(value, struct filter_routes);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MEMBERS_MAX);
	__type(key, struct member_key);
	__type(value, struct member_mac);
} members SEC(".maps");

/* Written before `members` and never taken back: who can send to a node is known to it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MEMBERS_MAX);
	__type(key, struct mac_key);
	__type(value, __u32);
} member_macs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, ASKERS_MAX);
	__type(key, struct asker_key);
	__type(value, struct asker_value);
} askers SEC(".maps");

#endif
