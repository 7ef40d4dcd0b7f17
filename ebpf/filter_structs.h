/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the kernel and C# share. Mirrored in src/Filter/Layout; a test compares sizes and offsets. */
#ifndef SAFEKIT_FILTER_STRUCTS_H
#define SAFEKIT_FILTER_STRUCTS_H

#include <linux/types.h>
#include "filter_limits.h"

/* One byte per bucket (src/Core/RowFlags.cs). */
enum row_flags {
	ROW_MINE = 1,
	ROW_MAY_HOLD_CONNECTIONS = 2,
	ROW_HOLD_RESETS = 4,
};

/* What a rule hashes (src/Core/HashInput.cs). */
enum hash_input {
	HASH_ADDRESS = 0,
	HASH_ADDRESS_AND_PORT = 1,
	HASH_IP_IDENTIFICATION = 2,
};

/* Who answers SYNs once the kernel would do so by cookies (ebpf/flood.h). */
enum syn_answer {
	SYN_BY_KERNEL = 0,
	SYN_BY_XDP,
	SYN_AT_TC, /* XDP_TX does not work on the interface, or would spoil checksums */
};

/* Why a packet passed or was dropped (src/Filter/FilterReason.cs). Append only: the numbers are persisted in pins. */
enum reason {
	REASON_OTHER = 0,	     /* not for a virtual address: untouched */
	REASON_TAKEN,		     /* the bucket is ours */
	REASON_TAKEN_CONNECTION,     /* not ours any more, but the connection lives here */
	REASON_TAKEN_FRAGMENT,	     /* follows a first fragment that was taken */
	REASON_NEIGHBOUR_QUERY,	     /* answered by the companion with the virtual MAC */
	REASON_DROPS,		     /* from here on everything is dropped; itself unused */
	REASON_NOT_MINE,	     /* another node's bucket */
	REASON_LEASE_EXPIRED,	     /* would be taken, but this node may not act any more */
	REASON_RESET_HELD,	     /* ours, unknown here, perhaps alive on the former owner: no reset */
	REASON_NO_RULE,		     /* nothing covers it: denied */
	REASON_FRAGMENT_UNKNOWN,     /* the first fragment was not seen */
	REASON_FRAGMENT_DROPPED,     /* follows a first fragment that was dropped */
	REASON_MALFORMED,	     /* truncated or contradictory headers */
	REASON_HEADER_CHAIN,	     /* more IPv6 extension headers than the limit */
	REASON_ICMP_FOREIGN,	     /* an ICMP error about a packet that the address did not send */
	REASON_NEIGHBOUR_PROBE,	     /* somebody's duplicate address detection */
	REASON_NEIGHBOUR_CLAIM,	     /* somebody claims the address as its own */
	REASON_NEIGHBOUR_ELSEWHERE,  /* asked for on an interface that does not carry the address */
	REASON_COOKIE_SENT,	     /* answered with a SYN cookie: ours, but too many for the kernel */
	REASON_FORWARD_ENDED = 24,   /* directed: a member sent it on, and nobody is left who may have it */
	REASON_FORWARD_UNKNOWN,	     /* directed: nobody owns the bucket, or the owner's MAC is not known yet */
	REASON_NOT_ADDRESSED,	     /* directed: the frame is for the MAC of another machine */
	REASON_FORWARDS = 28,	     /* from here on everything is sent on, with new MAC addresses; itself the first */
	REASON_FORWARDED = 28,	     /* directed: to the owner */
	REASON_FORWARDED_FORMER,     /* directed: to a former owner, who may have the connection */
};

struct filter_rule {
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 input;    /* enum hash_input */
	__u8 any_port;
	__u8 group;
	__be16 port;
	__u8 slot;
	__u8 notes_activity; /* the group has an affinity timeout, and this rule hashes the address */
};

struct filter_address {
	__u64 high; /* as it stands in the packet; 0 for IPv4 */
	__u64 low;  /* as it stands in the packet; IPv4 in the first four bytes */
	__u32 ifindex;
	__u8 family; /* 4 or 6 */
	__u8 rule_count;
	__u8 virtual_mac[6];
	__u8 own_mac[6]; /* Ethernet source of answers: the virtual MAC must never be one */
	__u8 is_directed; /* the own MAC answers, and what is another node's is sent on */
	__u8 self;	  /* directed: number of this node in the cluster */
	__u8 entry_group; /* directed: whose table says which node answers whom; NO_GROUP: nobody answers */
	__u8 entry_slot;
	__u8 sends_at_tc; /* directed: XDP_TX does not work on the interface, so the companion sends on */
	__u8 answers_syns; /* enum syn_answer */
	struct filter_rule rules[RULES_PER_ADDRESS_MAX];
};

struct filter_plan {
	__u64 hash_seed;
	__u64 index_multiplier; /* chosen so that no two addresses share a cell of the index */
	__u8 index[ADDRESS_INDEX_SIZE];
	struct filter_address addresses[ADDRESSES_MAX];
};

struct filter_slot {
	__u64 lease_until_ns; /* CLOCK_MONOTONIC; 0: closed */
	__u32 active;	      /* which version of the rows of its groups is in force */
	__u32 generation;     /* grows before every switch: what was found out about connections before counts no more */
};

struct filter_control {
	__u64 jiffy_ns;		    /* length of a tick; 0: ticks cannot be relied upon */
	__u64 jiffies_latest_ns;    /* latest instant that tick 0 can stand for, stalls included */
	__u32 active_plan;
	__u32 layout; /* of who wrote the maps (src/Filter/Layout/SharedLimits.cs); the kernel does not look at it */
	struct filter_slot slots[SLOTS_MAX];
};

struct filter_counters {
	__u64 packets[REASONS_MAX];
	__u64 cookies[SLOTS_MAX]; /* of REASON_COOKIE_SENT, by module */
	__u64 syn_window;	  /* the present one, and the SYNs in it that were ours */
	__u64 syns;
};

/* When a packet of each bucket was last taken, in coarse ticks; only for rules with notes_activity. */
struct filter_activity {
	__u32 ticks[BUCKETS_PER_GROUP];
};

/* A TCP connection whose packets were held back, because a former holder of its bucket may have it. */
struct held_key {
	__u64 client_high, client_low;
	__u64 address_high, address_low;
	__u16 client_port; /* as a number */
	__be16 server_port;
	__u8 family;
	__u8 slot;
	__u16 bucket;
	__u8 group;
	__u8 unused[7];
};

struct held_value {
	__u32 generation;
	__u32 orphan; /* no former holder has it: the kernel may answer with a reset */
	__u32 client_expects; /* number of the next byte, by the client's newest packet */
	__u32 closes; /* the client has closed: it waits for nothing */
};

struct fragment_key {
	__u64 client_high, client_low;
	__u64 address_high, address_low;
	__u32 identification;
	__u8 protocol;
	__u8 family;
	__u16 unused;
};

struct fragment_value {
	__u8 taken;
	__u8 slot;
	__u8 group;
	__u8 next; /* only if sent on: number of the node */
	__u16 bucket;
	__u16 unused2;
};

/* Directed: nodes by bucket, beside the rows of the same version; NO_NODE: nobody. The owner comes first. */
struct filter_routes {
	__u8 holders[ROUTE_HOLDERS][BUCKETS_PER_GROUP];
};

/* A node's MAC on an interface. */
struct member_key {
	__u32 ifindex;
	__u32 node;
};

struct member_mac {
	__u8 mac[6];
	__u16 unused;
};

/* And back: whose MAC it is. */
struct mac_key {
	__u32 ifindex;
	__u8 mac[6];
	__u16 unused;
};

/* A client that asked where a directed address is. */
struct asker_key {
	__u64 address_high, address_low;
	__u64 client_high, client_low; /* as they stand in the packet */
};

struct asker_value {
	__u8 mac[6];
	__u16 unused;
};

#endif
