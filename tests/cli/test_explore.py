"""`moirespin explore` writes a page, or says in one sentence why not."""

import re

import pytest

from moirespin.cli.__main__ import main


def test_page_is_written_whole_and_names_its_model(tmp_path, capsys):
    path = tmp_path / "page.html"
    assert main(["explore", "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"Open {path} in a browser\n"
    text = path.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    assert not re.search(r"\$[a-z]+\n", text)
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "page.txt"], "--out is page.txt, but must end in one of .html"),
        (["--out", "nowhere/page.html"], "there is no folder nowhere"),
        (["--model", "nothing.safetensors"], "nothing.safetensors cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    arguments, sentence, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    assert main(["explore", *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())
