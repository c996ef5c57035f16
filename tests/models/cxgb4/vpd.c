// SPDX-License-Identifier: GPL-2.0-only
/* Vital product data: name, serial number, address. */
#include "t5.h"

static u8 *put_keyword(u8 *p, const char *keyword, const char *value)
{
	u8 len = strlen(value);

	memcpy(p, keyword, 2);
	p[2] = len;
	memcpy(p + 3, value, len);
	return p + 3 + len;
}

static u8 *put_tag(u8 *p, u8 tag, u32 len)
{
	p[0] = tag;
	p[1] = len;
	p[2] = len >> 8;
	return p + 3;
}

void vpd_build(u8 *vpd)
{
	static const char name[] = "T5 device model";
	u8 *begin = vpd + VPD_BASE, *p, *list, *q, sum = 0;

	/*
	 * A kernel without CONFIG_PCI_QUIRKS doesn't know how much there is, and
	 * looks from the beginning: a name that fills all before ours.
	 */
	put_tag(vpd, 0x82, VPD_BASE - 3);
	p = put_tag(begin, 0x82, strlen(name));
	memcpy(p, name, strlen(name));
	list = p + strlen(name);
	p = put_keyword(list + 3, "PN", "MODEL-T520");
	p = put_keyword(p, "EC", "0");
	p = put_keyword(p, "SN", "PT00000001");
	p = put_keyword(p, "NA", "000743000001");
	put_tag(list, 0x90, p + 4 - (list + 3));
	/* All bytes up to and with the checksum add up to nothing */
	p = put_keyword(p, "RV", "");
	p[-1] = 1;
	for (q = begin; q < p; q++)
		sum += *q;
	*p++ = -sum;
	*p = 0x78;
}
