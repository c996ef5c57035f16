#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What QEMU asks of the library, and what nobody should ask; the mlx4 model answers."""
import os
import struct
import sys

from vfio_user import (CONFIG, DMA_MAP, DMA_UNMAP, INFO, REGION, SET_IRQS, VERSION,
                       Client, check, control)


def main(path, control_path):
    c = Client(path)
    error, data = c.call(VERSION, struct.pack("<HH", 0, 1) + b"{}\0")
    check("version", not error and b"capabilities" in data)
    check("device info", struct.unpack("<IIII", c.call(INFO, bytes(16))[1])[1:] == (3, 9, 5))
    error, data = c.call(REGION, struct.pack("<IIIIQQ", 32, 0, 0, 0, 0, 0))
    check("size of BAR 0", struct.unpack("<IIIIQQ", data)[4] == 1 << 20)
    check("vendor and device", c.read(CONFIG, 0, 4)[1] == b"\xb3\x15\x03\x10")
    check("a read beyond config space is an error", c.read(CONFIG, 4094, 4)[0] == 22)
    check("a read beyond BAR 0 is an error", c.read(0, 1 << 20, 4)[0] == 22)
    check("a read from no region is an error", c.read(1, 0, 4)[0] == 22)
    check("the vendor cannot be written", not c.write(CONFIG, 0, b"\0\0") and
          c.read(CONFIG, 0, 2)[1] == b"\xb3\x15")
    check("an unknown request is an error", c.call(77)[0] == 95)

    memory = os.memfd_create("memory")
    os.ftruncate(memory, 1 << 20)
    check("memory is mapped", not c.call(DMA_MAP, struct.pack("<IIQQQ", 32, 3, 0, 0x100000, 1 << 20), [memory])[0])
    vector = os.eventfd(0, os.EFD_NONBLOCK)
    check("a vector is set", not c.call(SET_IRQS, struct.pack("<IIIII", 20, 0x24, 2, 0, 1), [vector])[0])
    check("a vector too far is an error", c.call(SET_IRQS, struct.pack("<IIIII", 20, 0x24, 2, 16, 1), [vector])[0] == 22)

    # QUERY_FW into memory: only once the device may be bus master
    for bus_master in (0, 1):
        c.write(CONFIG, 4, struct.pack("<H", 2 | bus_master << 2))
        for word, value in enumerate((0, 0, 0, 0, 0x100000, 0, 1 << 23 | 4)):
            c.write(0, 0x80680 + 4 * word, struct.pack(">I", value))
        status = c.read(0, 0x80680 + 24, 4)[1][0]
        version = os.pread(memory, 8, 0)
        check("QUERY_FW without bus mastering fails", bus_master or (status and not any(version)))
        check("QUERY_FW answers in memory", not bus_master or (not status and version[:4] == b"\x02\x00\x00\x02"))
    check("memory is unmapped", not c.call(DMA_UNMAP, struct.pack("<IIQQ", 24, 0, 0x100000, 1 << 20))[0])

    check("the control socket helps", "firmware-dead" in control(control_path, "help"))
    for line in "fault everything", "fault irq-lose t=1", "fault irq-lose =1", "fault irq-lose op=NOP", "port 3 down":
        check(f"the control socket refuses '{line}'", "error" in control(control_path, line))
    control(control_path, "remove")
    check("after removal all reads are ones", c.read(CONFIG, 0, 4)[1] == b"\xff" * 4 and
          c.read(0, 0x80680, 4)[1] == b"\xff" * 4)


main(*sys.argv[1:])
