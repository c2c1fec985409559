"""Seeded mutations of bytes, tables and JSON values: each takes a ``random.Random`` and what it is to spoil."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import struct
from collections.abc import Callable
from random import Random
from typing import Any

Bytes = Callable[[Random, bytes], bytes]
Rows = list[list[str]]

NUMBERS = (0, 1, 2, 3, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
PATHS = (
    *("../../etc/passwd", "/etc/passwd", "..", ".", "/", "~", "../", "..\\..\\x.jpg", "C:\\x.jpg", "//x/y.jpg"),
    *("a/../../b.jpg", "./././a.jpg", "\0", "a\0.jpg", "/dev/zero", "/dev/stdin", "/proc/self/mem", "images"),
    *("images/", "x" * 300, "x/" * 3000 + "y.jpg", "\x7f.jpg", "CON", "file:///etc/passwd"),
    *("http://localhost/x.jpg", "a\nb.jpg", "C:\\clinic\\photographs\\mole0.jpg", "photographs%2Fmole0.jpg"),
    *("mole0.jpg", "mole0", "csv/photographs/mole0.heic", "file:///C:/x%20y.jpg", "%FF%00.jpg"),
)
ODD = (
    *("", " ", "nan", "NaN", "inf", "-inf", "1e400", "-1", "850", "1e9", "0x10", "١٢", "½", "²", "9" * 30),
    *("-" + "9" * 5000, "1,5", "1.5.5", "+", "-", "0", "-0", "00", "1_000", "True", "FALSE", "None", "null", "NA"),
    *("#REF!", "=1+1", "@x", "\ufeff", "\u202e", "\u200b", "\u2028", "é", "ß", "İ", "ı", "ﬁ", "中", "𝟙", "e\u0301"),
    *("\x00", "\x1a", "\x1b[31m", "\r", "'", '"', '""', "'''", "\\", "\\x", "\\N{x}", "<script>", "{{7*7}}"),
    *("%s%n", "${x}", "$(x)", "; x", ",", ";", "\t", "|", "A" * 5000, "é" * 70000, "A" * 200000, ":" * 500),
    *("Benign", "Malignant:", "Benign:x", ":Benign", "train", "test", "val"),
    *("unknown", "N/A", "<NA>", "?", "-", "-1.0", "-99", "1.0", "1", "007", "nv", "nv ", "nv\u00a0", "n\u200bv", "NV"),
)
LITERALS = (
    *("{'a': 1}", "{}", "{", "[]", "()", "{1: 2}", "{'a': 'b'}", "{'a': -1}", "{'a': 1e999}", "{'a': nan}"),
    *("{'a': True}", "{'a': 1, 'a': 2}", "{**{}}", "{'a': 1j}", "{'': 1}", "{' ': 1}", "{'a': " + "9" * 5000 + "}"),
    *("__import__('os')", "[" * 3000, "(" * 90, "[" * 3000 + "]" * 3000, "-" * 5000 + "1"),
    *("{'a':" * 900 + "1" + "}" * 900, "'\\777'", "'\\d'", "{'a': 0x" + "f" * 5000 + "}", "b'x'", "{b'a': 1}"),
    *("f'{1}'", "lambda: 0", "{'a': 1}\n{'b': 2}", "\x00", "1 if 1 else 2"),
)


# Bytes.


def flip(random: Random, data: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16)) if data else 0):
        spoilt[random.randrange(len(spoilt))] ^= 1 << random.randrange(8)
    return bytes(spoilt)


def overwrite(random: Random, data: bytes) -> bytes:
    start = _offset(random, data)
    new = random.choice((b"\0", b"\xff", b"\x80", random.randbytes(1))) * random.choice((1, 2, 4, 16, 300))
    return data[:start] + new + data[start + len(new) :]


def number(random: Random, data: bytes) -> bytes:
    """Write a number that programs stumble on, of 1, 2, 4 or 8 bytes, in either order; near the beginning, mostly."""
    start = min(_offset(random, data), random.choice((16, 40, 100, 1000, len(data))))
    width, order = random.choice("BHIQ"), random.choice("<>")
    new = struct.pack(order + width, random.choice(NUMBERS) & (1 << 8 * struct.calcsize(width)) - 1)
    return data[:start] + new + data[start + len(new) :]


def cut(random: Random, data: bytes) -> bytes:
    return data[: random.choice((0, 1, 2, 11, 12, _offset(random, data), len(data) // 2, max(len(data) - 1, 0)))]


def remove(random: Random, data: bytes) -> bytes:
    start = _offset(random, data)
    return data[:start] + data[start + random.choice((1, 2, 4, 30, 1000)) :]


def insert(random: Random, data: bytes) -> bytes:
    start = _offset(random, data)
    new = random.choice((random.randbytes(random.choice((1, 4, 60))), b"\0" * random.choice((1, 500)), b"\xff\xd8\xff"))
    return data[:start] + new + data[start:]


def repeat(random: Random, data: bytes) -> bytes:
    start = _offset(random, data)
    block = data[start : start + random.choice((1, 8, 64, 2000))]
    return data[:start] + block * random.choice((2, 3, 50)) + data[start:]


def move(random: Random, data: bytes) -> bytes:
    start, length, target = _offset(random, data), random.choice((1, 8, 64, 600)), _offset(random, data)
    left = data[:start] + data[start + length :]
    return left[:target] + data[start : start + length] + left[target:]


def append(random: Random, data: bytes) -> bytes:
    return data + random.choice((data, b"\0" * 5000, random.randbytes(200), data[: len(data) // 2]))


BYTES: tuple[Bytes, ...] = (flip, flip, overwrite, number, number, number, cut, remove, insert, repeat, move, append)


def _offset(random: Random, data: bytes) -> int:
    return random.randrange(len(data) + 1)


def spoil_bytes(random: Random, data: bytes, mutations: tuple[Bytes, ...] = BYTES, most: int = 4) -> tuple[bytes, str]:
    """Return ``data`` after one to ``most`` mutations, and their names."""
    chosen = [random.choice(mutations) for _ in range(random.randint(1, most))]
    for each in chosen:
        data = each(random, data)
    return data, " ".join(each.__name__ for each in chosen)


# Tables.


def spoil_table(random: Random, data: bytes) -> tuple[bytes, str]:
    """Return a CSV table, or any text, spoilt in its cells, in its form or in its bytes."""
    text = data.decode("utf-8-sig")
    delimiter = max(",;\t ", key=text.partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    changes = []
    for _ in range(random.choice((1, 1, 2, 5))):
        change = random.choice(OF_ROWS)
        change(random, rows)
        changes.append(change.__name__)
    form, spoilt = _written(random, rows, delimiter)
    changes.append(form)
    if random.random() < 0.25:
        spoilt, how = spoil_bytes(random, spoilt, most=2)
        changes.append(how)
    return spoilt, " ".join(changes)


def odd_cell(random: Random, rows: Rows) -> None:
    _set(random, rows, random.choice(random.choice((ODD, ODD, PATHS, LITERALS))))


def odd_column(random: Random, rows: Rows) -> None:
    """Fill most of a column, whatever it is, so that all records have it."""
    kind = random.choice((ODD, PATHS, LITERALS))
    column = random.randrange(max(map(len, rows), default=0) or 1)
    same = random.choice(kind) if random.random() < 0.5 else None
    for row in rows[1:]:
        if column < len(row) and len(rows) < 400:
            row[column] = random.choice(kind) if same is None else same


def copied_cell(random: Random, rows: Rows) -> None:
    if rows and (row := random.choice(rows)):
        _set(random, rows, random.choice(row))


def edited_cell(random: Random, rows: Rows) -> None:
    if rows and (row := random.choice(rows)):
        column = random.randrange(len(row))
        cell = row[column]
        at = random.randrange(len(cell) + 1)
        row[column] = random.choice(
            (cell[:at], cell[at:], cell[:at] + random.choice(ODD)[:50] + cell[at:], cell.swapcase())
        )


def odd_header(random: Random, rows: Rows) -> None:
    if rows and rows[0]:
        column = random.randrange(len(rows[0]))
        name = rows[0][column]
        others = (
            name.upper(),
            f" {name} ",
            name + "\ufeff",
            "",
            random.choice(rows[0]),
            "index",
            "Unnamed: 0",
            "0",
            "name",
            name.replace("_", " ").title(),
            f"\u200b{name}\u00a0",
            name[:-2] + name[-1:] + name[-2:-1],
            random.choice(("Patient ID", "pid", "Set", "fold", "dx", "class", "Filename", "Gender", "lesion", "P_x ")),
        )
        rows[0][column] = random.choice(others)


def lost_column(random: Random, rows: Rows) -> None:
    if rows and rows[0]:
        column = random.randrange(len(rows[0]))
        for row in rows:
            del row[column : column + 1]


def doubled_column(random: Random, rows: Rows) -> None:
    if rows and rows[0]:
        column, to = random.randrange(len(rows[0])), random.randrange(len(rows[0]))
        for row in rows:
            row.insert(to, row[column] if column < len(row) else "")


def ragged(random: Random, rows: Rows) -> None:
    if rows:
        row = random.choice(rows)
        row[:] = random.choice((row[: len(row) // 2], [*row, "more"], [*row, ""], [], [""], [""] * 500, row * 3))


def changed_rows(random: Random, rows: Rows) -> None:
    start = random.randrange(len(rows) + 1)
    rows[:] = random.choice(
        (rows[:1], rows[1:], rows[:start], rows * 2, rows[:1] * 3, rows[::-1], [], [*rows, *rows[1:]])
    )


OF_ROWS = (
    *(odd_cell, odd_cell, odd_cell, odd_column, odd_column, copied_cell, edited_cell, edited_cell, odd_header),
    *(lost_column, doubled_column, ragged, changed_rows),
)


def _set(random: Random, rows: Rows, value: str) -> None:
    filled = [row for row in rows if row]
    if filled:
        row = random.choice(filled)
        row[random.randrange(len(row))] = value


def _written(random: Random, rows: Rows, delimiter: str) -> tuple[str, bytes]:
    """Write rows as a table: mostly as they should be, else with other delimiters, quotes, line ends or encodings."""
    if random.random() < 0.6:
        return "plain", _text(rows, delimiter).encode("utf-8", "replace")
    form = random.choice(("delimiter", "quotes", "lines", "encoding", "bytes", "long", "above"))
    text = _text(rows, random.choice(",;\t|: ") if form == "delimiter" else delimiter)
    at = random.randrange(len(text) + 1)
    if form == "quotes":
        text = text[:at] + random.choice(('"', '""', "'", '"\n', '",', '\\"')) + text[at:]
    elif form == "lines":
        text = text.replace(
            "\n", random.choice(("\r", "\r\n", "\n\r", "\r\r\n", "\n\n\n", "\x0b", "\x85", "\u2028", ""))
        )
    elif form == "above":
        text = random.choice(("sep=;\n", '"sep=|",,\n', "Of May,,\n\n", "# a comment\n", "sep=\n", "#" * 60)) + text
    elif form == "long":
        text = text[:at] + random.choice(("x", " ", ",", "\n", "é", '"')) * random.choice((2000, 150_000)) + text[at:]
    encodings = (
        "utf-16",
        "utf-16-le",
        "utf-32",
        "latin-1",
        "cp1252",
        "cp037",
        "utf-7",
        "utf-8-sig",
        "shift-jis",
        "utf-16-be",
    )
    encoding = random.choice(encodings) if form == "encoding" else "utf-8"
    data = text.encode(encoding, "replace")
    if form == "bytes":
        edges = (
            b"\xef\xbb\xbf",
            b"\xef\xbb\xbf\xef\xbb\xbf",
            b"\xff\xfe",
            b"\0",
            b"\x1a",
            b"\xed\xa0\x80",
            b"\xc0\xaf",
            b"PK\3\4",
        )
        data = random.choice(
            (random.choice(edges) + data, data + random.choice(edges), gzip.compress(data, mtime=0), b"")
        )
    return form, data


def _text(rows: Rows, delimiter: str) -> str:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n", escapechar="\\")
    writer.writerows(rows)
    return written.getvalue()


# JSON.

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**200, 0.5, 1e308, float("nan"), float("inf"), "", " ", "x", "0"),
    *("é\0", [], {}, [[]], [None], {"": ""}, "x" * 10000, "auto", "../../etc/passwd", [1, "a", {}], {"name": "x"}),
    *("\u202e", 3.0),
)


def spoil_json(random: Random, value: Any) -> tuple[Any, str]:
    """Return a copy of a JSON value in which one to three places hold something else, are gone or stand twice."""
    value, changes = json.loads(json.dumps(value)), []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        positions = list(_positions(value))
        # A copy: what is chosen may itself be changed next.
        new = copy.deepcopy(random.choice(VALUES))
        if not positions:
            return new, "replaced"
        inside, key = random.choice(positions)
        kind = random.choice(("other", "other", "other", "gone", "renamed", "of elsewhere", "nested", "list"))
        changes.append(f"{key}: {kind}")
        if kind == "other":
            inside[key] = new
        elif kind == "gone":
            del inside[key]
        elif kind == "renamed" and isinstance(inside, dict):
            inside[random.choice((key.upper(), "", "x", key + " "))] = inside.pop(key)
        elif kind == "of elsewhere":
            other, there = random.choice(positions)
            inside[key] = json.loads(json.dumps(other[there])) if _has(other, there) else None
        elif kind == "nested":
            for _ in range(random.choice((1, 50))):
                inside[key] = [inside[key]]
        else:
            inside[key] = [inside[key]] * random.choice((0, 1, 3, 500))
    return value, "; ".join(changes)


def spoil_json_text(random: Random, value: Any) -> tuple[bytes, str]:
    """Return a JSON value as text, spoilt in its values or in its bytes."""
    if random.random() < 0.6:
        spoilt, changes = spoil_json(random, value)
        return json.dumps(spoilt).encode(), changes
    data = json.dumps(value, indent=random.choice((None, 1))).encode()
    deep = random.choice((b"[", b'{"a":')) * 100_000
    return random.choice(((deep, "deep"), (deep + data, "deep before"), *(spoil_bytes(random, data) for _ in range(6))))


def _positions(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [position for key in keys for position in ((value, key), *_positions(value[key]))]


def _has(inside: Any, key: Any) -> bool:
    return key in inside if isinstance(inside, dict) else key < len(inside)
