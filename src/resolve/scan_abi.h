/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* (tables, one line a field: left as they are set) */
/* What the host hands to the scan kernel and what the scan kernel hands back. Plain C types, fixed widths: the same
 * bytes for the host compiler, NVRTC 12.4 and nvcc 13. Included by device code without any other header.
 *
 *   launch:  nonans_scan<<<blocks, 256, 0, stream>>>(nn_scan_params)    by value, nothing else is passed
 *
 *   outputs[0..n)  what the launch just wrote: looked at, and repaired where NN_REPAIR is set
 *   inputs[0..m)   what it read (where that does not overlap its outputs): looked at only when an output is dirty
 *
 * Regions must be aligned to their element (base and pitch); one that is not is left out, never loaded from.
 *
 * Life of a slot (device memory, one per stream; unique per captured node and executable graph): zeroed once; all words
 * but `replays` are zero between scans. Each block looks at its share, appends dirty elements that may be repaired to a
 * list, then takes a ticket; the block with the last ticket looks at the inputs, decides, repairs from the list, publishes
 * one record per dirty output and zeroes the slot. A slot has as many tallies as its scan has outputs, NN_SLOT_BYTES(n):
 * a context that replays graphs needs thousands of slots.
 *
 * Life of a list (device memory, a pool per context): clean scans need none. The first element to be appended claims one
 * for its slot; the last block empties it and gives it back. When all are taken the scan does not repair.
 *
 * Life of a record (host memory mapped into the device): the device takes a ticket from nn_ring_device.head, writes the
 * record at index ticket % NN_RING_RECORDS and then stores `sequence = ticket + 1` with release at system scope. The host
 * reads records in order and advances nn_ring_host.tail; a device that would overwrite an unread record takes no ticket,
 * counts it in `dropped` and writes nothing.
 */
#ifndef NONANS_RESOLVE_SCAN_ABI_H
#define NONANS_RESOLVE_SCAN_ABI_H

#if defined(__CUDACC_RTC__)
typedef unsigned char nn_u8;
typedef unsigned short nn_u16;
typedef unsigned int nn_u32;
typedef unsigned long long nn_u64;
typedef long long nn_s64;
#else
#include <stdint.h>
typedef uint8_t nn_u8;
typedef uint16_t nn_u16;
typedef uint32_t nn_u32;
typedef unsigned long long nn_u64;
typedef long long nn_s64;
#endif

#define NN_ABI_VERSION 3
#define NN_MAX_OUTPUTS 12
#define NN_MAX_INPUTS 12
#define NN_LIST_ENTRIES 4095  /* dirty elements a list can hold; more: refuse to repair. A list is 32 KiB */
#define NN_LISTS 48           /* scans of one context that may hold a list at the same time */
#define NN_RING_RECORDS 4096
#define NN_KERNEL_COUNTERS 1024 /* per-kernel counters on the device, by kernel_id modulo this */
#define NN_SCAN_THREADS 256

/* Element types; the values of nonans::analyze::ElementType. */
enum { NN_TYPE_UNKNOWN = 0, NN_F16 = 1, NN_BF16 = 2, NN_F32 = 3, NN_F64 = 4, NN_E4M3 = 5, NN_E5M2 = 6 };

/* nn_region.flags */
enum {
  NN_REPAIR = 1,          /* every host-side proof holds: write and type proven, buffer repairable */
  NN_INTENDED_NAN = 2,    /* a constant of that class can reach the store: that class is intended */
  NN_INTENDED_POS = 4,
  NN_INTENDED_NEG = 8,
  NN_IN_PLACE = 16,       /* the launch also read it: inputs cannot be judged afterwards */
  NN_INPUTS_UNKNOWN = 32, /* not everything the launch read stands in inputs[]: a dirty input still proves propagation,
                             clean ones prove nothing */
  NN_MAY_ONLY = 64,       /* a superset of what was written: what is found may be older than the launch */
  NN_F16_WAITS = 128      /* NN_REPAIR in all but time: fp16, and no optimiser step has ended yet. The device only hands it
                             on to the record */
  /* With IN_PLACE, INPUTS_UNKNOWN or MAY_ONLY the origin is never NN_ORIGIN_HERE (dirty inputs: PROPAGATED, else UNKNOWN). */
};

/* nn_scan_params.policy, per class: what to put there. */
enum { NN_KEEP = 0, NN_ZERO = 1, NN_SATURATE = 2 };

typedef struct nn_region {
  nn_u64 base;       /* device address of the first element */
  nn_u64 rows;       /* rows of `row_elems` elements, `pitch` bytes apart */
  nn_u64 row_elems;
  nn_u64 pitch;
  nn_u8 type;        /* NN_F16 … */
  nn_u8 flags;
  nn_u16 arg;        /* parameter index, for the report */
  nn_u32 reserved;
} nn_region;         /* 40 bytes */

typedef struct nn_scan_params {
  nn_u64 ring_device;   /* nn_ring_device*, device memory */
  nn_u64 ring_host;     /* nn_ring_host*, device address of the mapped host memory */
  nn_u64 slot;          /* nn_slot*, device memory */
  nn_u64 launch_id;     /* ordinal of the watched launch in this process; 0 in captured graphs (device counts) */
  nn_u32 kernel_id;     /* index in the host's table of kernels */
  nn_u32 context_id;
  nn_u8 n_outputs, n_inputs;
  nn_u8 mode;           /* 0 observe, 1 resolve */
  nn_u8 policy_nan, policy_pos_inf, policy_neg_inf;
  nn_u8 raced;          /* another launch may have come between: detect only */
  nn_u8 captured;
  nn_u32 max_dirty_launches;  /* of one kernel in one step: after that many only count; 0 = no limit */
  nn_u32 step;          /* training step of the launch; 0 = none seen */
  nn_u32 label;         /* the host's number for the names (NVTX) in force at the launch; 0 = none */
  nn_u32 node;          /* the host's number for a scan in a graph; 0 = plain launch */
  nn_region outputs[NN_MAX_OUTPUTS];
  nn_region inputs[NN_MAX_INPUTS];
} nn_scan_params;       /* 64 + 24*40 = 1024 bytes */

typedef struct nn_tally { /* of one output, this scan */
  nn_u64 nan, pos_inf, neg_inf;
  nn_u64 first;          /* which dirty element to show: bit 63 = of a class that may be repaired, below it ~index, so that
                            zero = none and atomicMax finds the smallest index */
} nn_tally;

typedef struct nn_slot {
  nn_u32 tickets;        /* blocks that are done */
  nn_u32 list;           /* 0 none, 1 + index in the pool, NN_NO_LIST: all were taken */
  nn_u32 replays;        /* scans this slot has finished (counts graph replays) */
  nn_u32 reserved;
  nn_tally outputs[NN_MAX_OUTPUTS]; /* or fewer: n_outputs of the scans that use the slot */
} nn_slot;
#define NN_NO_LIST 0xffffffffu
#define NN_SLOT_BYTES(n_outputs) (16 + 32 * (n_outputs))

typedef struct nn_list {
  nn_u32 count;          /* entries wanted; may exceed NN_LIST_ENTRIES = overflow */
  nn_u32 reserved;
  nn_u64 entries[NN_LIST_ENTRIES]; /* region number << 56 | element index */
} nn_list;

/* nn_record.origin */
enum { NN_ORIGIN_UNKNOWN = 0, NN_ORIGIN_HERE = 1, NN_ORIGIN_PROPAGATED = 2, NN_ORIGIN_INTENDED = 3, NN_ORIGIN_RACED = 4 };
/* nn_record.resolution */
enum {
  NN_OBSERVED = 0, NN_REPAIRED = 1, NN_WOULD_REPAIR = 2,
  NN_REFUSED_UNPROVEN = 3, NN_REFUSED_OVERFLOW = 4, NN_REFUSED_FRACTION = 5, NN_REFUSED_ROW = 6,
  NN_REFUSED_ORIGIN = 7, NN_REFUSED_CLASS = 8, NN_REFUSED_LIMIT = 9,
  NN_REFUSED_NO_LIST = 10 /* more dirty scans at once than NN_LISTS */
};

typedef struct nn_record {
  nn_u64 sequence;       /* ticket + 1, stored last with release.sys; 0 = never written */
  nn_u64 launch_id;
  nn_u32 kernel_id;
  nn_u32 context_id;
  nn_u16 arg;            /* parameter index of the output */
  nn_u8 region;          /* index in outputs[] */
  nn_u8 type;
  nn_u8 origin;
  nn_u8 resolution;
  nn_u8 flags;           /* the region's */
  nn_u8 policy;          /* nan | pos << 2 | neg << 4, as applied or as would be */
  nn_u64 nan, pos_inf, neg_inf;
  nn_u32 repaired;
  nn_u32 step;           /* nn_scan_params.step */
  nn_u64 elements;       /* looked at in this output */
  nn_u64 first_index;    /* element index in the region; of a class that may be repaired, if there is one */
  nn_u64 first_address;
  nn_u64 first_bits;     /* the value found there */
  nn_u64 dirty_args;     /* bit min(arg, 63): an input of that parameter index held a non-finite value */
  nn_u64 global_time;    /* %globaltimer, ns */
  nn_u64 fill_bits;      /* what was put in place of the first repaired value */
  nn_u32 inputs_judged;  /* how many of inputs[] were looked at */
  nn_u32 replay;         /* which execution of a captured scan, from 1; 0 for plain launches */
  nn_u32 label;          /* nn_scan_params.label */
  nn_u32 node;           /* nn_scan_params.node */
  nn_u64 reserved;
} nn_record;             /* 144 bytes */

typedef struct nn_ring_device { /* device memory, zeroed once */
  nn_u64 head;
  nn_u64 dropped;
  nn_u64 completed;
  nn_u64 dirty_launches[NN_KERNEL_COUNTERS]; /* step << 32 | dirty launches of the kernel in it */
  nn_u64 list_owner[NN_LISTS]; /* address of the slot that holds the list; 0 = free, and its count is 0 */
  nn_list lists[NN_LISTS];
} nn_ring_device;

typedef struct nn_ring_host { /* shared memory, mapped into the device */
  nn_u32 abi_version;
  nn_u32 capacity;        /* NN_RING_RECORDS */
  nn_u64 tail;            /* host: records consumed */
  nn_u64 dropped;         /* device: mirrors nn_ring_device.dropped */
  nn_u64 completed;       /* device: mirrors nn_ring_device.completed: scans finished (a hint: may step back briefly) */
  nn_u64 pad[12];
  nn_record records[NN_RING_RECORDS];
} nn_ring_host;

#if !defined(__CUDACC_RTC__) && defined(__cplusplus)
static_assert(sizeof(nn_region) == 40 && sizeof(nn_scan_params) == 1024 && sizeof(nn_record) == 144);
static_assert(sizeof(nn_slot) == NN_SLOT_BYTES(NN_MAX_OUTPUTS) && sizeof(nn_list) == 32768);
static_assert(sizeof(nn_ring_host) == 128 + 144 * NN_RING_RECORDS);
#endif

#endif
