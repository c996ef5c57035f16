// SPDX-License-Identifier: GPL-2.0
/*
 * Fake RDMA provider: the device's files in sysfs, read and written without a
 * file system.
 */
#include <linux/device.h>
#include <linux/sysfs.h>

#include "fake_reset.h"

static struct device_attribute *
fake_find_in_group(const struct attribute_group *group, const char *name)
{
	unsigned int i;

	for (i = 0; group->attrs && group->attrs[i]; i++)
		if (!strcmp(group->attrs[i]->name, name))
			return container_of(group->attrs[i],
					    struct device_attribute, attr);
	return NULL;
}

/* @path: "file", or "folder/file" */
struct device_attribute *fake_find_attr(struct fake_device *fake,
					const char *path)
{
	const char *slash = strchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t folder = slash ? slash - path : 0;
	const struct attribute_group **group;
	struct device_attribute *attr;

	for (group = fake->ibdev.groups; *group; group++) {
		const char *at = (*group)->name ?: "";

		if (strlen(at) != folder || strncmp(at, path, folder))
			continue;
		attr = fake_find_in_group(*group, name);
		if (attr)
			return attr;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(fake_find_attr);

/**
 * fake_write() - write to a file of the device
 * @fake: device
 * @path: of the file, in the device's folder
 * @text: what to write
 *
 * Returns: 0 if all was written, or a negative errno.
 */
int fake_write(struct fake_device *fake, const char *path, const char *text)
{
	struct device_attribute *attr = fake_find_attr(fake, path);
	ssize_t ret;

	if (!attr || !attr->store)
		return -ENOENT;
	ret = attr->store(&fake->ibdev.dev, attr, text, strlen(text));
	if (ret < 0)
		return ret;
	return ret == strlen(text) ? 0 : -EMSGSIZE;
}
EXPORT_SYMBOL_GPL(fake_write);

/**
 * fake_read() - read a file of the device
 * @fake: device
 * @path: of the file, in the device's folder
 * @text: room for FAKE_ATTR_LEN characters: what was read, without a newline
 *
 * Returns: @text.
 */
char *fake_read(struct fake_device *fake, const char *path, char *text)
{
	struct device_attribute *attr = fake_find_attr(fake, path);
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	strscpy(text, "(no such file)", FAKE_ATTR_LEN);
	if (attr && attr->show && page &&
	    attr->show(&fake->ibdev.dev, attr, page) >= 0) {
		strscpy(text, page, FAKE_ATTR_LEN);
		text[strcspn(text, "\n")] = '\0';
	}
	free_page((unsigned long)page);
	return text;
}
EXPORT_SYMBOL_GPL(fake_read);

/* A file with a number; -1 if it is none */
s64 fake_read_number(struct fake_device *fake, const char *path)
{
	char text[FAKE_ATTR_LEN];
	s64 number;

	return kstrtos64(fake_read(fake, path, text), 0, &number) ? -1 : number;
}
EXPORT_SYMBOL_GPL(fake_read_number);
