#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Config space of the cxgb4 model: capabilities, and the product data behind one of them."""
import struct
import sys

from vfio_user import CONFIG, VERSION, Client, check


def capabilities(c):
    """Identity and place of each."""
    found, at = {}, c.read(CONFIG, 0x34, 1)[1][0]
    while at and at not in found.values():
        ident, following = c.read(CONFIG, at, 2)[1]
        found[ident], at = at, following
    return found


def read_vpd(c, capability, address):
    """A word: its address is written, the flag of it comes up, the data are there."""
    check("the address is written", not c.write(CONFIG, capability + 2, struct.pack("<H", address)))
    flag = struct.unpack("<H", c.read(CONFIG, capability + 2, 2)[1])[0]
    check("the read is done", flag == address | 0x8000)
    return c.read(CONFIG, capability + 4, 4)[1]


def main(path, _):
    c = Client(path)
    c.call(VERSION, struct.pack("<HH", 0, 1) + b"{}\0")
    check("vendor and device", c.read(CONFIG, 0, 4)[1] == b"\x25\x14\x01\x54")
    found = capabilities(c)
    check(f"capabilities: {found}", set(found) == {0x03, 0x10, 0x11})
    vpd = b"".join(read_vpd(c, found[0x03], 0x400 + i) for i in range(0, 64, 4))
    check("name and serial number", vpd[0] == 0x82 and b"T5" in vpd and b"SN" in vpd)
    check("nothing is beyond", not any(read_vpd(c, found[0x03], 0x7fc)))


main(*sys.argv[1:])
