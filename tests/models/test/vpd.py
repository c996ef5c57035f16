#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Config space of the cxgb4 model: capabilities, the product data behind one of them, the reset by another."""
import struct
import sys

from vfio_user import CONFIG, VERSION, Client, check, control


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


def reset_function(c, control_path, capability):
    """A bit that reads as 0; what the driver had written is gone."""
    def resets():
        return control(control_path, "stat").split("resets ")[1].split()[0]
    before = resets()
    c.write(CONFIG, 4, struct.pack("<H", 6))
    check("the device is not reset by other bits", not c.write(CONFIG, capability + 8, struct.pack("<H", 0x7fff)) and
          resets() == before)
    check("the device is reset", not c.write(CONFIG, capability + 8, struct.pack("<H", 0x8000)) and
          int(resets()) == int(before) + 1)
    check("the reset's bit reads as 0", not any(c.read(CONFIG, capability + 8, 2)[1]))
    check("the driver's settings are gone", not any(c.read(CONFIG, 4, 2)[1]))


def main(path, control_path):
    c = Client(path)
    c.call(VERSION, struct.pack("<HH", 0, 1) + b"{}\0")
    check("vendor and device", c.read(CONFIG, 0, 4)[1] == b"\x25\x14\x01\x54")
    found = capabilities(c)
    check(f"capabilities: {found}", set(found) == {0x03, 0x10, 0x11})
    vpd = b"".join(read_vpd(c, found[0x03], 0x400 + i) for i in range(0, 64, 4))
    check("name and serial number", vpd[0] == 0x82 and b"T5" in vpd and b"SN" in vpd)
    check("nothing is beyond", not any(read_vpd(c, found[0x03], 0x7fc)))
    reset_function(c, control_path, found[0x10])


main(*sys.argv[1:])
