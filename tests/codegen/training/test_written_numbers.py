"""Numbers as spreadsheets of several countries write them; where a table leaves a doubt, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from chainrule import InvalidDescription
from chainrule.codegen.training.table import read_table
from chainrule.codegen.training.written_numbers import Marks, marks_of, number_of


def first_column(text: str, folder: Path) -> list[float]:
    path = folder / "t.csv"
    path.write_bytes(text.encode())
    table = read_table(path)
    return [float(number) for number in table.numbers(table.columns[:1])[:, 0]]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a;b\n1.234,5;x\n12.345;y\n-7;z\n", [1234.5, 12345, -7]),
        ('a,b\n"1,234",x\n"12,345.25",y\n7.5,z\n', [1234, 12345.25, 7.5]),
        ("a;b\n1 234,5;x\n12 345 678;y\n0,25;z\n", [1234.5, 12345678, 0.25]),
        ("a;b\n1\u202f234;x\n12\u00a0345;y\n", [1234, 12345]),
        ("a;b\n1'234.5;x\n12\u2019345;y\n", [1234.5, 12345]),
        ("a;b\n1,234;x\n-0,942;y\n", [1.234, -0.942]),
        ("a;b\n1234,567;x\n1,234;y\n", [1234.567, 1.234]),
        ("a,b\n\u22121.5,x\n3,y\n", [-1.5, 3]),
        ('a, b\n 1.5, "x, y"\n 2, "z"\n', [1.5, 2]),
        ("a,b\r1,2\r3,4\r", [1, 3]),
        ('a,b\r\n1,"x\r\ny"\r\n3,z\r\n', [1, 3]),
    ],
)
def test_what_leaves_no_doubt(text: str, numbers: list[float], tmp_path: Path) -> None:
    assert first_column(text, tmp_path) == numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a,b\n"1,234",x\n2,y\n', "t.csv:2: column a: found '1,234', expected a finite number with a decimal point"),
        ("a;b\n1.234,5;x\n2.5;y\n", "t.csv:2: column a: found '1.234,5', expected a finite number"),
        ('a,b\n"1,234.5",x\n"1,2",y\n', "t.csv:2: column a: found '1,234.5', expected a finite number"),
        ("a;b\n12 34;x\n2;y\n", "t.csv:2: column a: found '12 34', expected a finite number"),
        ("a,b\nmale,1\nfemale,2\n", "found 'male', expected a finite number; columns of words or dates are no features"),
        ("a,b\n2004-03-10,1\n2004-03-11,2\n", "found '2004-03-10', expected a finite number; columns of words or dates are no features"),
    ],
)
def test_what_leaves_one(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription) as problem:
        first_column(text, tmp_path)
    assert said in str(problem.value)


def test_addresses_are_no_reason_for_points_between_thousands() -> None:
    cells = ["192.168.100.200", "1.234", "2.500", "3,5"]
    assert marks_of(cells[:3]) == Marks()
    assert number_of("1.234", marks_of(cells[:3])) == 1.234
    assert number_of("3,5", marks_of(cells)) is None
