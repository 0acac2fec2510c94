#!/usr/bin/env python3
"""
Answers 50 MiB: 800 blocks of 65,536 bytes, each its own number in 15 digits, a newline, and dots.

X-Web60-Server is its parent's process number, how many bytes of memory the parent held when this script began, and
the machine; it is left out where there is no /proc.
"""

import os
import sys

PADDING = b"." * (65536 - 16)

parent = os.getppid()
header = "Content-Type: application/octet-stream\n"
try:
    with open("/proc/%d/statm" % parent) as memory:
        resident = int(memory.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with open("/proc/sys/kernel/random/boot_id") as boot:
        machine = boot.read().strip() + " " + os.readlink("/proc/self/ns/pid")
    header += "X-Web60-Server: %d %d %s\n" % (parent, resident, machine)
except OSError:
    pass

out = sys.stdout.buffer
out.write(header.encode() + b"\n")
for number in range(800):
    out.write(b"%015d\n" % number + PADDING)
out.flush()
