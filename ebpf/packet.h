/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What the parser learns of a packet, and what the filter says of it. */
#ifndef SAFEKIT_PACKET_H
#define SAFEKIT_PACKET_H

#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "filter_structs.h"

/*
 * Keeps the compiler from computing a checked packet pointer a second time: the verifier would not know the copy.
 */
#define HOLD(pointer) asm volatile("" : "+r"(pointer))

#ifndef NULL
#define NULL ((void *)0)
#endif

#define OFFSET_MASK 0x7fff /* tells the verifier that an offset is bounded; frames are shorter */
#define CONTINUE -1 /* no reason yet to end the search */

enum fragment_part { FRAGMENT_NONE, FRAGMENT_FIRST, FRAGMENT_LATER };

/* No pointers in here: rare paths get it by reference, and the verifier forgets pointers on that way. */
struct packet {
	__u64 address_high; /* as they stand in the packet */
	__u64 address_low;
	__u64 client_high; /* as numbers, so that the hash is the same on every machine */
	__u64 client_low;
	__u32 fragment_identification;
	__u32 network_offset;
	__u32 transport_offset;
	__u32 acknowledges;  /* TCP: the number that the client expects next, see tells */
	__u32 payload_bytes; /* that the IP header announces after itself: padding is never taken for a header */
	__u64 source_mac; /* directed: who sent the frame, a client or a member */
	__u16 client_port;
	__be16 server_port;
	__u16 ip_identification;
	__u8 protocol;
	__u8 family;
	__u8 fragment;
	__u8 opens;	  /* TCP: SYN without ACK */
	__u8 closes;	  /* TCP: FIN */
	__u8 tells;	  /* TCP: acknowledges something and is no reset */
	__u8 echo;	  /* ICMP echo: belongs to no rule, goes by the first group of the address */
	__u8 is_directed; /* the packet goes on if it is not ours: what is only remembered (TIME_WAIT) must not swallow it */
	__u8 is_error;	  /* an ICMP error about what the address sent */
};

struct outcome {
	__u64 next_mac; /* only if sent on */
	__u8 reason;
	__u8 group;
	__u16 bucket;
	__u8 next; /* only if sent on: number of the node */
	__u8 at_tc; /* only if sent on or answered: XDP leaves it to the companion */
};

/* Through which of the programs a packet came; constant in each, so that the compiler drops the other branches. */
struct entry {
	void *ctx;
	__u32 ifindex;
	int is_tc;
	int is_trace;
	int answers; /* may answer instead of letting through */
};

#define NO_GROUP 0xff

#endif
