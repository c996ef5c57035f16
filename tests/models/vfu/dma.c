// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory: the client says which guest physical addresses are at
 * which offset of which file; the model reaches them through a mapping of that
 * file. It may touch memory while the guest's processors do, as a device does.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "server.h"

int vfu_dma_map(struct vfu_server *s, struct vfu_message *m)
{
	struct vfu_dma_map req;
	struct vfu_map *map;
	int prot = 0;
	void *p;

	if (m->len < sizeof(req))
		return EINVAL;
	memcpy(&req, m->data, sizeof(req));
	if (s->nr_maps == VFU_MAX_MAPS)
		return ENOSPC;

	map = &s->maps[s->nr_maps];
	*map = (struct vfu_map){ .addr = req.addr, .size = req.size };
	if (m->nr_fds) {
		if (req.flags & VFU_DMA_MAP_READ)
			prot |= PROT_READ;
		if (req.flags & VFU_DMA_MAP_WRITE)
			prot |= PROT_WRITE;
		p = mmap(NULL, req.size, prot, MAP_SHARED, m->fds[0],
			 req.offset);
		if (p == MAP_FAILED)
			return errno;
		/* Only memory that can be written is memory to a device */
		if (prot == (PROT_READ | PROT_WRITE))
			map->ptr = p;
		else
			munmap(p, req.size);
	}
	s->nr_maps++;
	vfu_log(3, "memory %#llx + %#llx is %s", (unsigned long long)req.addr,
		(unsigned long long)req.size, map->ptr ? "mapped" : "out of reach");
	return 0;
}

static void drop(struct vfu_server *s, unsigned int i)
{
	if (s->maps[i].ptr)
		munmap(s->maps[i].ptr, s->maps[i].size);
	s->maps[i] = s->maps[--s->nr_maps];
}

void vfu_dma_unmap_all(struct vfu_server *s)
{
	while (s->nr_maps)
		drop(s, 0);
}

int vfu_dma_unmap(struct vfu_server *s, const struct vfu_message *m)
{
	struct vfu_dma_unmap req;
	unsigned int i = 0;

	if (m->len < sizeof(req))
		return EINVAL;
	memcpy(&req, m->data, sizeof(req));
	if (req.flags & VFU_DMA_UNMAP_ALL) {
		vfu_dma_unmap_all(s);
		return 0;
	}
	while (i < s->nr_maps) {
		struct vfu_map *map = &s->maps[i];

		if (map->addr >= req.addr &&
		    map->addr + map->size <= req.addr + req.size)
			drop(s, i);
		else
			i++;
	}
	return 0;
}

/**
 * vfu_dma - the guest's memory, as the device sees it
 * @s: the server
 * @addr: guest physical (bus) address
 * @len: number of bytes, which must lie in one mapping
 *
 * Return: a pointer that is good until the callback returns; NULL where there
 * is no memory, or while the driver has not enabled bus mastering.
 */
void *vfu_dma(struct vfu_server *s, uint64_t addr, uint64_t len)
{
	unsigned int i;

	if (!vfu_pci_bus_master(s))
		return NULL;
	for (i = 0; i < s->nr_maps; i++) {
		struct vfu_map *map = &s->maps[i];

		if (map->ptr && addr >= map->addr && len <= map->size &&
		    addr - map->addr <= map->size - len)
			return map->ptr + (addr - map->addr);
	}
	return NULL;
}
