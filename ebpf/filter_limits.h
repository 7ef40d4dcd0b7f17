/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Every maximum of the filter, each with its reason. The first five are also in src/Core/Limits.cs. */
#ifndef SAFEKIT_FILTER_LIMITS_H
#define SAFEKIT_FILTER_LIMITS_H

#define BUCKETS_PER_GROUP 4096 /* a power of two: masked, never divided */
#define GROUPS_MAX 64	       /* four versions of 4096 bytes each: 1 MiB in all */
#define VERSIONS_PER_GROUP 4   /* a planned move switches rows twice in a few ms; none is overwritten while it may be read */
#define SLOTS_MAX 32	       /* one per module */
#define ADDRESSES_MAX 64
#define RULES_PER_ADDRESS_MAX 32 /* searched in order: bounds the cost of a packet */

#define ADDRESS_INDEX_BITS 10 /* 64 addresses in 1024 cells: a multiplier without collision is found at once */
#define ADDRESS_INDEX_SIZE (1 << ADDRESS_INDEX_BITS)
#define NO_ADDRESS 0xff

#define VLAN_TAGS_MAX 2	      /* 802.1ad around 802.1Q */
#define IPV6_HEADERS_MAX 6    /* RFC 8200 has four kinds that may precede the payload, one of them twice */
#define IPV6_HEADERS_INNER_MAX 2 /* in an ICMP error: what our own stack puts before the payload */
#define FRAGMENTS_MAX 8192    /* datagrams whose later fragments are awaited; the oldest are forgotten first */

#define HELD_MAX 4096	      /* connections asked about at a time; the oldest are forgotten first and held back a little longer */
#define ACTIVITY_SHIFT 6      /* 64 ticks, a quarter of a second at 250 Hz: far less than any timeout, so that a store is rare */

#define SYN_WINDOW_SHIFT 27   /* of nanoseconds: 134 ms */
#define SYNS_PER_WINDOW 256   /* per CPU: 1,900 a second, which cost the kernel 1 % of it; only beyond that a flood is looked for */

#define NODES_MAX 128 /* members of a farm; the first five above and this one are also in src/Core/Limits.cs */
#define NO_NODE 0xff
#define ROUTE_HOLDERS 4 /* the owner and up to three former owners, to each of which a packet is sent on at most once */
#define MEMBERS_MAX 2048 /* nodes times interfaces with a directed address, and a few MACs that nodes had before */
#define ASKERS_MAX 16384 /* clients that asked for a directed address; the oldest are forgotten first */

#define REASONS_MAX 32 /* a power of two, room for more */

#endif
