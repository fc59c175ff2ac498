from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from program.errors import SettingsError
from program.settings import ProgramSettings, Section, Token, load_settings


class Inner(Section):
    depth_mm: int = 1


class Scale(Section):
    url: str
    inner: Inner = Inner()


class Lane(Section):
    name: str
    token: Token = ""


class Settings(ProgramSettings):
    language: str = "en"
    rate: Annotated[float, Field(gt=0, lt=1)] = 0.5
    scale: Scale | None = None
    lanes: tuple[Lane, ...] = ()


def written(folder: Path, text: str) -> Path:
    path = folder / "shop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(Settings, written(folder, text))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("langauge = 'en'\ndata_dir = 'd'", "langauge: there is no such key. Did you mean 'language'?"),
        ("data_dir = 'd'\n[scale]\nurl = 'x'\nulr = 'y'", "scale.ulr: there is no such key. Did you mean 'url'?"),
        (
            "data_dir = 'd'\n[scale]\nurl = 'x'\n[scale.inner]\ndepth = 1",
            "scale.inner.depth: there is no such key. Did you mean 'depth_mm'?",
        ),
        ("data_dir = 'd'\n[[lanes]]\nname = 'a'\nnames = 'b'", "lanes.0.names: there is no such key. Did you mean 'name'?"),
        ("data_dir = 'd'\nzzz = 1", "zzz: there is no such key. Known here: data_dir, lanes, language, rate, scale."),
        ("language = 'en'", "data_dir: this key is needed and missing."),
        ("data_dir = 'd'\nrate = 7", "rate: Input should be less than 1 (got 7)."),
        ("data_dir = 'd'\n[scale]\n", "scale.url: this key is needed and missing."),
        ("data_dir = 'd'\n[[lanes]]\nname = 'a'\ntoken = '密码'", "lanes.0.token: must be what store-server enrol printed"),
        ("data_dir = 'd'\n[[lanes]]\nname = 'a'\ntoken = 'two words'", "lanes.0.token: must be what store-server enrol"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_key(tmp_path: Path, text: str, sentence: str) -> None:
    said = mistakes(tmp_path, text)
    assert sentence in said
    assert str(tmp_path / "shop.toml") in said
    assert len(said.splitlines()) == 2


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "langauge = 'en'\nrate = 7")
    assert len(said.splitlines()) == 4


@pytest.mark.parametrize("text", ["data_dir = ", "data_dir = 'd'\ndata_dir = 'e'", "["])
def test_a_file_that_is_no_toml(tmp_path: Path, text: str) -> None:
    assert "is no valid TOML" in mistakes(tmp_path, text)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Cannot read the settings file"):
        load_settings(Settings, tmp_path / "nowhere.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="Cannot read the settings file"):
        load_settings(Settings, tmp_path / "bytes.toml")


def test_a_relative_folder_counts_from_the_file(tmp_path: Path) -> None:
    assert load_settings(Settings, written(tmp_path, "data_dir = 'd'")).data_dir == tmp_path / "d"
    assert load_settings(Settings, written(tmp_path, "data_dir = '/var/x'")).data_dir == Path("/var/x")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANLANE_SCALE__URL", "/dev/other")
    monkeypatch.setenv("SCANLANE_LANGUAGE", "zh")
    settings = load_settings(Settings, written(tmp_path, "data_dir = 'd'\nlanguage = 'en'\n[scale]\nurl = '/dev/x'"))
    assert settings.language == "zh"
    assert settings.scale is not None
    assert settings.scale.url == "/dev/other"


def test_a_wrong_value_inside_a_section_shows_only_itself(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "data_dir = 'd'\n[scale]\nurl = 5\n")
    assert said.endswith("scale.url: Input should be a valid string (got 5).")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('data_dir = "a\\u0000"', "data_dir"),
        ('data_dir = "."\n[[lanes]]\nname = "a"\n[[lanes]]\nname = "\\u0000"', "lanes.1.name"),
        ('data_dir = "."\n[scale]\n"u\\u0000" = "x"', "scale (a key)"),
    ],
)
def test_a_nul_character_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    assert f"{place}: contains a NUL character" in mistakes(tmp_path, text)


def test_toml_that_nests_without_end_is_told(tmp_path: Path) -> None:
    assert "no valid TOML" in mistakes(tmp_path, "a = " + "[" * 5000)


def test_sentences_have_nothing_of_the_library_in_them(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "data_dir = 5\n").endswith("data_dir: must be a path between quotation marks (got 5).")
    with pytest.raises(SettingsError, match=r"nowhere.toml: No such file or directory\. Name it"):
        load_settings(Settings, tmp_path / "nowhere.toml")
