# SPDX-License-Identifier: GPL-2.0-only
"""A vfio-user client: what QEMU does, in miniature."""
import array
import socket
import struct
import sys

VERSION, DMA_MAP, DMA_UNMAP, INFO, REGION, _, IRQ, SET_IRQS, READ, WRITE = range(1, 11)
CONFIG = 7


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(path)

    def call(self, command, payload=b"", fds=()):
        """Send a request; return its error and the answer's payload."""
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.sock.sendmsg([struct.pack("<HHIII", 7, command, 16 + len(payload), 0, 0) + payload], ancillary)
        ident, _, size, flags, error = struct.unpack("<HHIII", self.take(16))
        assert ident == 7 and flags & 1, "not a reply to this request"
        return error if flags & 0x20 else 0, self.take(size - 16)

    def take(self, size):
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            assert part, "the server hung up"
            data += part
        return data

    def read(self, region, offset, size):
        error, data = self.call(READ, struct.pack("<QII", offset, region, size))
        return error, data[16:]

    def write(self, region, offset, data):
        return self.call(WRITE, struct.pack("<QII", offset, region, len(data)) + data)[0]


def control(path, line):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(line.encode() + b"\n")
        answer = b""
        while not answer.endswith((b"ok\n",)) and b"error" not in answer:
            answer += s.recv(65536)
    return answer.decode()


def check(what, good):
    if not good:
        sys.exit(f"protocol: {what}")
