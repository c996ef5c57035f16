/* SPDX-License-Identifier: GPL-2.0-only */
/* For devices that are big endian, whatever the host is. */
#ifndef VFU_BE_H
#define VFU_BE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

static inline u16 get16(const void *p)
{
	u16 x;

	memcpy(&x, p, sizeof(x));
	return be16toh(x);
}

static inline u32 get32(const void *p)
{
	u32 x;

	memcpy(&x, p, sizeof(x));
	return be32toh(x);
}

static inline u64 get64(const void *p)
{
	u64 x;

	memcpy(&x, p, sizeof(x));
	return be64toh(x);
}

static inline u32 get24(const void *p)
{
	return get32(p) & 0xffffff;
}

static inline void put16(void *p, u16 x)
{
	x = htobe16(x);
	memcpy(p, &x, sizeof(x));
}

static inline void put32(void *p, u32 x)
{
	x = htobe32(x);
	memcpy(p, &x, sizeof(x));
}

static inline void put64(void *p, u64 x)
{
	x = htobe64(x);
	memcpy(p, &x, sizeof(x));
}

/* What the guest's processors write while we look: read once, before the rest */
static inline u32 get32_acquire(const void *p)
{
	u32 x = __atomic_load_n((const u32 *)p, __ATOMIC_ACQUIRE);

	return be32toh(x);
}

/* What makes an entry the guest's: written last */
static inline void put8_release(u8 *p, u8 x)
{
	__atomic_store_n(p, x, __ATOMIC_RELEASE);
}

#endif
