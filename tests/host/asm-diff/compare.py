#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compare the machine code of the RDMA data path of two kernel builds.

Counts the instructions of each function, its cold part, and the static
functions of the same file that it calls. Fails if the second build has one
more than the first anywhere, but for what PRICE says.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys

IB = "drivers/infiniband/"
FUNCTIONS = (
    # file, None for the probe; functions
    (None, "probe_post_send probe_post_recv probe_poll_cq"),
    (IB + "core/cq.o", "__ib_process_cq"),
    (IB + "sw/rxe/rxe_verbs.o", "rxe_post_send rxe_post_recv rxe_post_srq_recv rxe_poll_cq"),
    (IB + "sw/siw/siw_verbs.o", "siw_post_send siw_post_receive siw_post_srq_recv siw_poll_cq"),
    (IB + "sw/siw/siw_cq.o", "siw_reap_cqe"),
    (IB + "hw/mlx4/qp.o", "mlx4_ib_post_send mlx4_ib_post_recv"),
    (IB + "hw/mlx4/cq.o", "mlx4_ib_poll_cq"),
    (IB + "hw/cxgb4/qp.o", "c4iw_post_send c4iw_post_receive c4iw_post_srq_recv"),
    (IB + "hw/cxgb4/cq.o", "c4iw_poll_cq"),
)

# A post that was past the ops table when its device entered error mode is refused
# under the lock of its queue, and a flush that found its CQ full goes on when there
# is room again: the software providers look for that in their own code, off the way
# of a post that succeeds where possible. So many instructions, at most:
PRICE = {
    "rxe_post_send": 10, "rxe_post_recv": 7, "rxe_post_srq_recv": 10, "rxe_poll_cq": 16,
    "siw_post_send": 18, "siw_post_receive": 5, "siw_rq_flush_wr": 9,
    # All in the branch that makes up the completions of a dead device
    "mlx4_ib_poll_cq": 20,
    # All in what completes posts to a QP that has been flushed
    "c4iw_post_send": 40, "c4iw_post_receive": 40,
}

HEADER = re.compile(r"^[0-9a-f]+ <(\S+)>:$")
INSN = re.compile(r"^\s*[0-9a-f]+:\t(\S[^\t]*?)\s*(?:\t+[0-9a-f]+: (R_\S+)\s+(\S+))?$")
NAMED = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>")
# What the compiler appends to the name of a copy that it made
SUFFIX = re.compile(r"\.(constprop|isra|part)\.\d+")
PADDING = re.compile(r"^((data16|cs)\s+)*(nop\w*|xchg\s+%ax,%ax)\b")


class Obj:
    """Functions of one object file as lists of (instruction, callee or None)."""

    def __init__(self, path):
        self.path = path
        self.functions = {}
        text = subprocess.run(["objdump", "-drw", "--no-show-raw-insn", path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        current = None
        for line in text.splitlines():
            header = HEADER.match(line)
            if header:
                current = self.functions.setdefault(self.plain(header.group(1)), [])
                continue
            insn = INSN.match(line)
            if insn and current is not None and not PADDING.match(insn.group(1)):
                current.append(self.parse(*insn.groups()))

    @staticmethod
    def plain(name):
        return SUFFIX.sub("", name)

    def parse(self, insn, reloc, symbol):
        """Normalise: addresses and displacements say nothing about the code."""
        target = None
        mnemonic = insn.split()[0]
        if reloc:
            symbol = re.sub(r"[-+]0x[0-9a-f]+$", "", symbol)
        if mnemonic == "call" or mnemonic.startswith("j"):
            named = NAMED.search(insn)
            target = symbol or (named.group(1) if named else None)
            target = self.plain(target) if target else None
            indirect = insn.split(None, 1)[1] if "*" in insn else ""
            insn = f"{mnemonic} {indirect or (target if mnemonic == 'call' else 'L')}"
        insn = re.sub(r"<[^>]*>|#.*$", "", insn)
        insn = re.sub(r"-?0x[0-9a-f]+(?=\(|$)(?<!\$)", "D", insn)
        insn = re.sub(r"(?<![\w$%])(?:-?0x[0-9a-f]+)?\(", "D(", insn.replace("D(", "("))
        if symbol and mnemonic != "call":
            insn += f"  [{symbol}]"
        return " ".join(insn.split()), target

    def closure(self, entry):
        """Names of @entry, its cold part and what it calls in this file."""
        names, todo = [], [entry]
        while todo:
            name = todo.pop(0)
            if name in names or name not in self.functions:
                continue
            names.append(name)
            todo += [t for _, t in self.functions[name] if t]
            todo.append(name + ".cold")
        return names

    def listing(self, name):
        return [insn for insn, _ in self.functions.get(name, [])]


def compare(stock, ours, entry):
    """Print the verdict on one function; returns True if it grew."""
    grown = False
    if entry not in stock.functions or entry not in ours.functions:
        where = stock if entry not in stock.functions else ours
        print(f"{'MISSING':>8}  {entry}: not in {where.path}")
        return True
    sides = [(obj, obj.closure(entry)) for obj in (stock, ours)]
    common = [name for name in sides[0][1] if name in sides[1][1]]
    for name in common:
        # A function that only one build has was split off or merged: it
        # counts with the entry.
        a, b = (obj.listing(name) + [insn for other in names if name == entry and other not in common
                                     for insn in obj.listing(other)] for obj, names in sides)
        price = PRICE.get(name, 0)
        verdict = "same" if a == b else "equal" if len(a) == len(b) else \
            "less" if len(b) < len(a) else "price" if len(b) <= len(a) + price else "MORE"
        grown |= len(b) > len(a) + price
        indent = "" if name == entry else "  "
        print(f"{verdict:>8}  {indent + name:<36} {len(a):>6} {len(b):>6}")
        if a != b:
            for line in difflib.unified_diff(a, b, "stock", "ours", n=2, lineterm=""):
                print(f"          {line}")
    return grown


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stock", help="object directory of the stock kernel")
    parser.add_argument("stock_probe", help="probe.o built for it")
    parser.add_argument("ours", help="object directory of our kernel")
    parser.add_argument("ours_probe", help="probe.o built for it")
    args = parser.parse_args()

    grown = []
    print(f"{'':>8}  {'function':<36} {'stock':>6} {'ours':>6}  instructions")
    for path, names in FUNCTIONS:
        stock = Obj(os.path.join(args.stock, path) if path else args.stock_probe)
        ours = Obj(os.path.join(args.ours, path) if path else args.ours_probe)
        grown += [name for name in names.split() if compare(stock, ours, name)]
    if grown:
        sys.exit("The data path has grown: " + ", ".join(grown) + ".")
    print("Not one instruction more, but for the price of error mode in rxe, siw, mlx4 and cxgb4.")


if __name__ == "__main__":
    main()
