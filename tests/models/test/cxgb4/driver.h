/* SPDX-License-Identifier: GPL-2.0-only */
/* The driver's headers, as far as a program of this machine can include them. */
#ifndef TEST_CXGB4_DRIVER_H
#define TEST_CXGB4_DRIVER_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define __packed			__attribute__((packed))
#define BIT(n)				(1ul << (n))
#define ETH_ALEN			6
#define __LITTLE_ENDIAN_BITFIELD	1
#define struct_group(name, members...)	struct { members }
#define DECLARE_FLEX_ARRAY(type, name)	struct { struct { } empty_##name; type name[]; }

#include "t4_hw.h"
#include "t4_regs.h"
#include "t4_values.h"
#include "t4_msg.h"
#include "t4fw_api.h"
#include "t4fw_ri_api.h"

#endif
