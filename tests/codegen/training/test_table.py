"""Bad tables: one message with file, line and column; nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule import Dense, InvalidDescription, Network
from chainrule.codegen.training.data_set import CLASSES, FEATURES, DataSet, read_data
from chainrule.codegen.training.given import given
from chainrule.codegen.training.table import read_table

IRIS = Network(2, [Dense(3, "softmax")], "cross_entropy", targets="labels", name="iris")
HOUSES = Network(2, [Dense(5, "tanh"), Dense(1, "identity")], "quadratic", name="houses")
GOOD = "length,width,species\n5.1,3.5,setosa\n6.2,2.9,virginica\n5.9,3.0,setosa\n"


def read(folder: Path, text: str, network: Network = IRIS, target: str = "species", left_out: str = "") -> DataSet:
    path = folder / "t.csv"
    path.write_text(text)
    return read_data([path], given(network.system), target.split(","), left_out.split(",") if left_out else ())


def test_a_table_as_arrays(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.arrays["x"].tolist() == [[5.1, 3.5], [6.2, 2.9], [5.9, 3.0]]
    assert found.arrays["y"].tolist() == [0, 1, 0]
    assert found.table[CLASSES].tolist() == ["setosa", "virginica"]
    assert found.table[FEATURES].tolist() == ["length", "width"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_quotes_and_blank_lines(tmp_path: Path, delimiter: str) -> None:
    text = '\ufeff"length",width,species\r\n5.1,"3.5",setosa\r\n\r\n6.2,2.9,"virginica"\r\n'.replace(",", delimiter)
    assert read(tmp_path, text).arrays["x"].tolist() == [[5.1, 3.5], [6.2, 2.9]]


def test_whole_numbers_below_the_number_of_classes_are_classes_themselves(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,species\n1,2,2\n3,4,0\n").arrays["y"].tolist() == [2, 0]
    assert read(tmp_path, "a,b,species\n1,2,2\n3,4,0\n").table[CLASSES].tolist() == ["0", "1", "2"]
    # Counted from 1, as many tables are.
    assert read(tmp_path, "a,b,species\n1,2,3\n3,4,1\n5,6,2\n").arrays["y"].tolist() == [2, 0, 1]


def test_columns_that_are_no_features_and_several_targets(tmp_path: Path) -> None:
    network = Network(2, [Dense(3, "identity")], "quadratic", name="three")
    found = read(tmp_path, "id,a,b,p,q,r\nx1,1,2,3,4,5\nx2,6,7,8,9,10\n", network, "r,p,q", "id")
    assert found.arrays["x"].tolist() == [[1, 2], [6, 7]]
    assert found.arrays["y"].tolist() == [[5, 3, 4], [10, 8, 9]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.csv: found an empty file"),
        ("length,width,species\n", "t.csv: found a header alone"),
        ("5.1,3.5,0\n5.2,3.5,1\n", "t.csv:1: found numbers alone, expected a header"),
        ("length,,species\n1,2,a\n", "t.csv:1: the header's cell 2 is empty"),
        ("length,length,species\n1,2,a\n", "t.csv:1: two columns are called 'length'"),
        (
            GOOD.replace("2.9", "?"),
            "t.csv:3: column width: found '?', expected a finite number; fill it in, or leave lines without a value",
        ),
        (GOOD.replace("2.9", "1_000"), "t.csv:3: column width: found '1_000', expected a finite number"),
        (GOOD.replace("2.9", '"1,234"'), "t.csv:3: column width: found '1,234', expected a finite number with a decimal point"),
        (GOOD.replace(",", ";").replace("2.9", "2,9"), "t.csv:3: column width: found '2,9', expected a finite number with a decimal point"),
        (GOOD.replace("species", "specie"), "t.csv:1: no column 'species'; expected one of length, width, specie; did you mean 'specie'?"),
        (GOOD.replace("2.9", "wide"), "t.csv:3: column width: found 'wide', expected a finite number"),
        (GOOD.replace("2.9", ""), "t.csv:3: column width: found nothing, expected a finite number; fill it in"),
        (GOOD.replace("2.9", "nan"), "t.csv:3: column width: found 'nan', expected a finite number"),
        (GOOD.replace("2.9", "1e999"), "t.csv:3: column width: found '1e999'"),
        (GOOD.replace("virginica", " "), "t.csv:3: column species: found nothing, expected a label"),
        (GOOD.replace("6.2,2.9", "6.2"), "t.csv:3: found 2 cells, expected 3"),
        (GOOD.replace("6.2,2.9", "6.2,2.9,1"), "t.csv:3: found 4 cells, expected 3"),
        (GOOD + "1,2,a\n1,2,b\n", "t.csv:6: column species: found 'b', label number 4; the network tells 3 apart"),
        ("a,b,c,species\n1,2,3,x\n", "t.csv:1: found 3 columns of features, expected 2"),
        ('a,b,species\n1,2,"x\n', "t.csv:2: "),
        ("a,b,species\n1,2,\0\n", "t.csv:2: found a NUL byte"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidDescription) as problem:
        read(tmp_path, text)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


SAME = [[5.1, 3.5], [6.2, 2.9], [5.9, 3.0]]


@pytest.mark.parametrize(
    "text",
    [
        '"length","width","species"\n"5.1","3.5","setosa"\n"6.2","2.9","virginica"\n"5.9","3.0","setosa"\n',
        "length;width;species\n5,1;3,5;setosa\n6,2;2,9;virginica\n5,9;3,0;setosa\n",
        'length,width,species\n"5,1","3,5",setosa\n"6,2","2,9",virginica\n"5,9","3,0",setosa\n',
        '"length;cm;in";width;species\n5.1;3.5;setosa\n6.2;2.9;virginica\n5.9;3.0;setosa\n',
        '"length, in cm";"width, in cm";species\n5.1;3.5;setosa\n6.2;2.9;virginica\n5.9;3.0;setosa\n',
        "sep=;\nlength;width;species\n5.1;3.5;setosa\n6.2;2.9;virginica\n5.9;3.0;setosa\n",
        "length|width|species\n5.1|3.5|setosa\n6.2|2.9|virginica\n5.9|3.0|setosa\n",
        "length,width,species,\n5.1,3.5,setosa,\n6.2,2.9,virginica,\n5.9,3.0,setosa,\n",
        "length,width,species\n5.1,3.5,setosa,\n6.2,2.9,virginica,\n5.9,3.0,setosa,\n",
        ",length,width,species\n0,5.1,3.5,setosa\n1,6.2,2.9,virginica\n2,5.9,3.0,setosa\n",
        "length,width,species\n1,5.1,3.5,setosa\n2,6.2,2.9,virginica\n3,5.9,3.0,setosa\n",
        "length,width,species\nthis,5.1,3.5,setosa\nthat,6.2,2.9,virginica\nother,5.9,3.0,setosa\n",
        "\ufeffsep=,\r\nlength,width,species\r\n 5.1, 3.5, setosa\r\n6.2,2.9,virginica\r\n\r\n5.9,3.0,setosa",
    ],
)
def test_tables_as_other_programs_write_them(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.arrays["x"].tolist() == SAME
    assert found.arrays["y"].tolist() == [0, 1, 0]


def test_lines_stay_those_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=r"t\.csv:5: column width: found 'wide'"):
        read(tmp_path, "sep=;\nlength;width;species\n\n1;2;a\n1;wide;b\n")


def test_an_unnamed_column_that_says_nothing_of_rows_is_none_to_be_dropped(tmp_path: Path) -> None:
    for first in ("3,1,4", "1.5,2.5,3.5"):
        a, b, c = first.split(",")
        with pytest.raises(InvalidDescription, match=r"t\.csv:1: the header's cell 1 is empty"):
            read(tmp_path, f",length,width,species\n{a},1,2,x\n{b},3,4,y\n{c},5,6,x\n")


def test_columns_that_are_numbered(tmp_path: Path) -> None:
    assert read(tmp_path, ",0,1,2\n0,5.1,3.5,1\n1,6.2,2.9,2\n", target="2").arrays["x"].tolist() == SAME[:2]


def test_true_and_false_are_numbers_and_words_are_not(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,species\nTrue,2,x\nfalse,3,y\n").arrays["x"].tolist() == [[1, 2], [0, 3]]
    with pytest.raises(InvalidDescription, match=r"t\.csv:2: column a: found 'true', expected a finite number"):
        read(tmp_path, "a,b,species\ntrue,2,x\n1,3,y\n")


def test_columns_of_one_name_may_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, "a,note,b,note,species\n1,x,2,y,s\n3,z,4,w,t\n", left_out="note").arrays["x"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("missing", ["", "?", "NA", "nan", "NULL", " n/a "])
def test_lines_without_a_value_can_be_left_out(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(GOOD.replace("2.9", missing) + "1,2,\n7,8,None\n")
    found = read_data([path], given(IRIS.system), ["species"], skip_missing=True)
    assert found.arrays["x"].tolist() == [SAME[0], SAME[2], [7, 8]]
    assert found.table[CLASSES].tolist() == ["None", "setosa"]
    path.write_text("length,width,species\n?,1,a\n")
    with pytest.raises(InvalidDescription, match="every line has a missing value"):
        read_data([path], given(IRIS.system), ["species"], skip_missing=True)


def test_a_very_wide_table(tmp_path: Path) -> None:
    columns = 4001
    wide = Network(columns, [Dense(3, "softmax")], "cross_entropy", targets="labels", name="wide")
    header = ",".join(f"pixel{number}" for number in range(columns))
    text = f"{header},label\n" + "".join(f"{','.join(map(str, range(row, columns + row)))},{row % 3}\n" for row in range(5))
    assert read(tmp_path, text, wide, "label").arrays["x"].shape == (5, columns)
    with pytest.raises(InvalidDescription) as problem:
        read(tmp_path, text, wide, "lable")
    assert str(problem.value).endswith("no column 'lable'; it has 4002 others; did you mean 'label'?")
    with pytest.raises(InvalidDescription) as problem:
        read(tmp_path, text, wide, "")
    assert len(str(problem.value)) < 500


def test_arrays_that_change_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.codegen.training import data_set

    path = tmp_path / "d.npz"
    np.savez(path, **ARRAYS)
    honest = data_set.arrays_of

    def meanwhile(paths: list[Path]) -> dict[str, np.ndarray]:
        found = honest(paths)
        np.savez(path, x=np.ones((9, 2)))
        return found

    monkeypatch.setattr(data_set, "arrays_of", meanwhile)
    with pytest.raises(InvalidDescription, match=r"d\.npz: the file changed while it was read"):
        read_data([path], given(IRIS.system))


def test_a_target_of_numbers_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidDescription, match=r"t\.csv:2: column price: found 'dear', expected a finite number"):
        read(tmp_path, "rooms,area,price\n3,70,dear\n", HOUSES, "price")
    with pytest.raises(InvalidDescription, match="found 2 columns, expected 1 for y"):
        read(tmp_path, "rooms,age,price,area\n3,70,4,5\n", HOUSES, "price,area")


def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.codegen.training import table

    path = tmp_path / "t.csv"
    path.write_text(GOOD)
    honest = table.read_text

    def meanwhile(*given: object) -> str:
        found = honest(*given)  # type: ignore[arg-type]
        path.write_text(GOOD + "1,2,a\n")
        return found

    monkeypatch.setattr(table, "read_text", meanwhile)
    with pytest.raises(InvalidDescription, match="the file changed while it was read"):
        read_table(path)


ARRAYS = {"x": np.ones((7, 2)), "y": np.zeros(7, int)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"y": None}, "no array 'y', shape (examples,); found x"),
        ({"x": np.ones((7, 3))}, "x: found the shape (7, 3), expected (examples, 2)"),
        ({"x": np.ones(7)}, "x: found the shape (7,), expected (examples, 2)"),
        ({"x": np.array([["a", "b"]] * 7)}, "x: found an array of type <U1, expected numbers"),
        ({"x": np.where(np.arange(14).reshape(7, 2) == 5, np.nan, 1.0)}, "x: found nan at [2, 1], expected finite numbers"),
        ({"y": np.zeros(7)}, "y: found an array of type float64, expected whole numbers"),
        ({"y": np.arange(7)}, "y: found labels from 0 to 6, expected 0 to 2"),
        ({"y": np.zeros(6, int)}, "found different numbers of examples: 7 in x, 6 in y"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, changed: dict[str, np.ndarray | None], said: str) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, **{name: array for name, array in (ARRAYS | changed).items() if array is not None})
    with pytest.raises(InvalidDescription) as problem:
        read_data([path], given(IRIS.system))
    assert str(problem.value).startswith(f"{path}: ")
    assert said in str(problem.value)


def test_arrays_in_files_of_their_own_names(tmp_path: Path) -> None:
    for name, array in ARRAYS.items():
        np.save(tmp_path / f"{name}.npy", array)
    found = read_data([tmp_path / "x.npy", tmp_path / "y.npy"], given(IRIS.system))
    assert {name: array.shape for name, array in found.arrays.items()} == {"x": (7, 2), "y": (7,)}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.npz", b"", "is no whole .npz file"),
        ("d.npz", b"PK\x03\x04 broken", "is no whole .npz file"),
        ("x.npy", b"\x93NUMPY", "is no whole .npy file"),
        ("x.pickle", b"cos\nsystem\n", "expected a file that ends in .csv, .npz, .npy or .safetensors"),
        ("d.safetensors", b"\x05\0\0\0\0\0\0\0{", "is no whole .safetensors file of types that NumPy has"),
    ],
)
def test_files_that_are_not_whole(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidDescription) as problem:
        read_data([tmp_path / name], given(IRIS.system))
    assert said in str(problem.value)


def test_objects_are_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{}], object), allow_pickle=True)
    with pytest.raises(InvalidDescription, match="is no whole"):
        read_data([tmp_path / "x.npy"], given(IRIS.system))
