"""Settings of the collection."""

from __future__ import annotations

from pathlib import Path

import pytest

from database.errors import SettingError
from database.settings import Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """By their names in capitals."""
    monkeypatch.setenv("DATA_DIR", "/somewhere")
    monkeypatch.setenv("EMBEDDING_MODEL", "a/model")
    settings = Settings.load()
    assert (settings.data_dir, settings.embedding_model) == (Path("/somewhere"), "a/model")


def test_settings_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.env` in the working folder; names of other programs in it don't matter."""
    (tmp_path / ".env").write_text("DATA_DIR=elsewhere\nSOMETHING_ELSE=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATA_DIR", raising=False)
    assert Settings.load().data_dir == Path("elsewhere")


def test_networks_of_ones_own_come_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses or networks; nothing else."""
    monkeypatch.setenv("INTRANET_ADDRESSES", "10.1.2.3, 192.168.7.1/16,fd12::/16,")
    networks = [str(network) for network in Settings.load().intranet_addresses]
    assert networks == ["10.1.2.3/32", "192.168.0.0/16", "fd12::/16"]
    monkeypatch.setenv("INTRANET_ADDRESSES", "intranet.example")
    with pytest.raises(
        SettingError, match=r"INTRANET_ADDRESSES has the value 'intranet\.example'\..* 10\.0\.0"
    ):
        Settings.load()


def test_a_wrong_value_names_the_setting_and_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which setting has which value and what is expected."""
    monkeypatch.setenv("EMBEDDING_MODEL", "")
    with pytest.raises(SettingError, match=r"EMBEDDING_MODEL has the value ''\. .*at least 1 character"):
        Settings.load()
