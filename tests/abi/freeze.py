#!/usr/bin/env python3
"""Freezes a header as it is now:

    tests/abi/freeze.py callcore_driver.h 1.1    writes tests/abi/1.1/callcore_driver.h and layout.c
    tests/abi/freeze.py callcore.h 1.0           writes tests/abi/app-1.0/callcore.h and layout.c

layout.c states every size, every offset and every constant of the header, for 64 and 32 bits, and the signature of every function.  What is
frozen is never changed again: the header of each later minor version must still satisfy it, which `cargo test -p callcore-tests --test contract`
proves.  Needs gcc with -m32.
"""
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = {"callcore_driver.h": "", "callcore.h": "app-"}
UNSIGNED = {"CCD_NO_CHAN"}


def without_comments(text):
    return re.sub(r"//[^\n]*", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.S))


def structs(text):
    """Each struct with the names of its members; function members by their pointer's name."""
    for body, name in re.findall(r"typedef struct \w*\s*\{(.*?)\}\s*(\w+)\s*;", text, flags=re.S):
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
    yield from [name for name in ["CCD_ABI_1_0", "CCD_NO_CHAN", "CCD_EVENT_MAX"] if name in text]
    yield from re.findall(r"#define (CC_\w+) -?\d+", text)


def functions(text):
    """The declared functions: result, name and parameters."""
    inside = text.split('extern "C" {', 1)[-1]
    for declaration in re.findall(r"^(?!typedef|#)(\w[\w *]*?)\b(cc_\w+)\(([^()]*)\);", inside, flags=re.M | re.S):
        yield [" ".join(part.split()) for part in declaration]


def values(header, expressions, flags):
    """What the compiler says each constant expression is."""
    lines = ['#include <stddef.h>', f'#include "{header}"', "void f(void) {"]
    lines += [f'__asm__("-> {i} %c0" :: "i"((int)({e})));' for i, e in enumerate(expressions)] + ["}"]
    out = subprocess.run(["gcc", *flags, "-ffreestanding", "-S", "-x", "c", "-o", "-", "-"], input="\n".join(lines), text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    found = dict(re.findall(r"-> (\d+) \$?(-?\d+)", out))
    return [int(found[str(i)]) for i in range(len(expressions))]


def main():
    name, version = sys.argv[1:]
    header = HERE.parent.parent / "include" / name
    text = without_comments(header.read_text())
    layout = [e for struct, fields in structs(text)
              for e in [f"sizeof({struct})"] + [f"offsetof({struct}, {field})" for field in fields]]
    wide, narrow = values(header, layout, ["-m64"]), values(header, layout, ["-m32"])
    names = list(constants(text))
    out = [f"/* {name} {version}: every size, offset and constant.  Frozen: made by freeze.py, never changed by hand. */",
           '#include <stddef.h>', f'#include "{name}"',
           "#ifdef __cplusplus", "#  define SAME(what, value) static_assert((what) == (value), #what)", "#else",
           "#  define SAME(what, value) _Static_assert((what) == (value), #what)", "#endif",
           "#if UINTPTR_MAX > 0xFFFFFFFFu", "#  define BITS(wide, narrow) (wide)", "#else", "#  define BITS(wide, narrow) (narrow)", "#endif"]
    for what, a, b in zip(layout, wide, narrow):
        out.append(f"SAME({what}, {a});" if a == b else f"SAME({what}, BITS({a}, {b}));")
    for constant, value in zip(names, values(header, names, [])):
        out.append(f"SAME({constant}, {value});" if constant not in UNSIGNED else f"SAME({constant}, {value % 2**32}u);")
    for result, function, parameters in functions(text):
        out.append(f"{result} (*const is_{function})({parameters}) = {function};")
    place = HERE / (FOLDERS[name] + version)
    place.mkdir(exist_ok=True)
    (place / "layout.c").write_text("\n".join(out) + "\n")
    shutil.copy(header, place / name)


main()
