#!/usr/bin/env python3
"""Freezes callcore_driver.h as it is now: `tests/abi/freeze.py 1.1` writes tests/abi/1.1/callcore_driver.h and layout.c.

layout.c states every size, every offset and every constant of the header, for 64 and 32 bits.  What is frozen is never changed again: the
header of each later minor version must still satisfy it, which `cargo test -p callcore-tests --test contract` proves.  Needs gcc with -m32.
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEADER = HERE.parent.parent / "include" / "callcore_driver.h"


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def structs(text):
    """Each struct with the names of its members; function members by their pointer's name."""
    for body, name in re.findall(r"typedef struct \w+\s*\{(.*?)\}\s*(\w+)\s*;", text, flags=re.S):
        fields = []
        for declaration in body.split(";"):
            declaration = " ".join(declaration.split())
            function = re.search(r"\(CCD_CALL \*(\w+)\)", declaration)
            if function:
                fields.append(function.group(1))
            elif declaration:
                names = declaration.split(" ", 1)[1] if not declaration.startswith(("const", "struct")) else declaration
                for part in names.split(","):
                    fields.append(re.sub(r"\[.*?\]", "", part).split()[-1].lstrip("*"))
        yield name, fields


def constants(text):
    for body in re.findall(r"enum\s*\{(.*?)\}", text, flags=re.S):
        yield from re.findall(r"(CCD_\w+)\s*=", body)
    yield from ["CCD_ABI_1_0", "CCD_NO_CHAN", "CCD_EVENT_MAX"]


def values(expressions, flags):
    """What the compiler says each constant expression is."""
    lines = ['#include <stddef.h>', f'#include "{HEADER}"', "void f(void) {"]
    lines += [f'__asm__("-> {i} %c0" :: "i"((int)({e})));' for i, e in enumerate(expressions)] + ["}"]
    out = subprocess.run(["gcc", *flags, "-ffreestanding", "-S", "-x", "c", "-o", "-", "-"], input="\n".join(lines), text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    found = dict(re.findall(r"-> (\d+) \$?(-?\d+)", out))
    return [int(found[str(i)]) for i in range(len(expressions))]


def main():
    version = sys.argv[1]
    text = without_comments(HEADER.read_text())
    layout = [e for name, fields in structs(text)
              for e in [f"sizeof({name})"] + [f"offsetof({name}, {field})" for field in fields]]
    wide, narrow = values(layout, ["-m64"]), values(layout, ["-m32"])
    names = list(constants(text))
    out = [f"/* callcore_driver.h {version}: every size, offset and constant.  Frozen: made by freeze.py, never changed by hand. */",
           '#include <stddef.h>', '#include "callcore_driver.h"',
           "#ifdef __cplusplus", "#  define SAME(what, value) static_assert((what) == (value), #what)", "#else",
           "#  define SAME(what, value) _Static_assert((what) == (value), #what)", "#endif",
           "#if UINTPTR_MAX > 0xFFFFFFFFu", "#  define BITS(wide, narrow) (wide)", "#else", "#  define BITS(wide, narrow) (narrow)", "#endif"]
    for what, a, b in zip(layout, wide, narrow):
        out.append(f"SAME({what}, {a});" if a == b else f"SAME({what}, BITS({a}, {b}));")
    for name, value in zip(names, values(names, [])):
        out.append(f"SAME({name}, {value});" if name != "CCD_NO_CHAN" else f"SAME({name}, {value % 2**32}u);")
    place = HERE / version
    place.mkdir(exist_ok=True)
    (place / "layout.c").write_text("\n".join(out) + "\n")
    (place / "callcore_driver.h").write_text(HEADER.read_text())


main()
