"""The compose files start what docs/deployment.md says, as far as files can show it without an engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings as ServerSettings
from database.__main__ import _parser
from database.settings import Settings as CollectionSettings
from tests.deploy.files import (
    BASE,
    CLIENT_IMAGE,
    COMMUNITY,
    COMPOSE_FILES,
    CUDA,
    DOCKERFILES,
    ROOT,
    SERVER_IMAGE,
    instructions,
    load,
    resolved,
    services,
    variables,
)

EXAMPLE: dict[str, str] = dict(
    re.findall(
        r"^#?([A-Z_]+)=(.*)$",
        (ROOT / "deploy" / "example.env").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
)
SERVICES = services(BASE)
# With those that Community adds; what it changes is left out.
WHOLE = {**services(COMMUNITY), **services(CUDA), **SERVICES}

# They set ordinary users themselves: that of Atlas local, mongod (1000) and mongot.
IMAGES_WITH_A_USER = (
    "mongodb/mongodb-atlas-local",
    "mongodb/mongodb-community-server",
    "mongodb/mongodb-community-search",
)


def test_images_of_others_are_pinned() -> None:
    """The same files bring the same programs next year."""
    named = {one["image"] for path in COMPOSE_FILES for one in services(path).values() if "image" in one}
    built_on = {value.split()[0] for path in DOCKERFILES for value in instructions(path, "FROM")}
    others = {image for image in named | built_on if ":" in image and not image.startswith("acervo-")}

    assert len(others) == 6
    assert [image for image in others if not re.search(r":\d+\.\d+\.\d+[\w.-]*$", image)] == []


def test_the_ports_are_the_documented_ones_and_for_this_computer_alone() -> None:
    """A variable opens the server and the client; MongoDB and Ollama stay closed."""
    published = {name: one["ports"][0] for name, one in SERVICES.items() if "ports" in one}

    assert {name: resolved(port) for name, port in published.items()} == {
        "mongodb": "127.0.0.1:27019:27017",
        "ollama-cpu": "127.0.0.1:11435:11434",
        "ollama-gpu": "127.0.0.1:11435:11434",
        "server": "127.0.0.1:8000:8000",
        "client": "127.0.0.1:4200:4200",
    }
    assert {name for name, port in published.items() if "BIND_ADDRESS" in port} == {"server", "client"}
    assert not any("ports" in one for one in services(COMMUNITY).values())


def test_every_service_is_held_within_limits() -> None:
    """Rights, memory, processes and logs; Atlas local alone may write to its root file system."""
    for path in (BASE, COMMUNITY):
        for name, one in services(path).items():
            if "image" not in one:
                continue
            whole = {**SERVICES.get(name, {}), **one}
            assert {"mem_limit", "pids_limit"} <= whole.keys(), name
            assert whole["security_opt"] == ["no-new-privileges:true"], name
            assert whole["logging"]["options"] == {"max-size": "10m", "max-file": "3"}, name
            assert whole["image"].startswith(("acervo-", *IMAGES_WITH_A_USER)), name
            assert "user" not in whole, name
            if not whole["image"].startswith("mongodb/mongodb-atlas-local"):
                assert (whole["read_only"], whole["cap_drop"]) == (True, ["ALL"]), name
                assert whole["tmpfs"], name


def test_every_service_is_watched_or_ends_by_itself() -> None:
    """What serves says whether it does."""
    by_their_images = {"server": SERVER_IMAGE, "client": CLIENT_IMAGE}
    for name, one in WHOLE.items():
        if one["restart"] == "unless-stopped":
            assert "test" in one.get("healthcheck", {}) or instructions(by_their_images[name], "HEALTHCHECK")
        else:
            assert one["restart"] in ("no", "on-failure:5"), name


def test_the_server_waits_for_the_database_alone() -> None:
    """A long first load doesn't keep people waiting, and without Ollama passages are quoted."""
    assert SERVICES["server"]["depends_on"] == {"mongodb": {"condition": "service_healthy"}}
    assert SERVICES["loader"]["depends_on"] == {"mongodb": {"condition": "service_healthy"}}
    assert all(not one["required"] for one in SERVICES["model-pull"]["depends_on"].values())
    assert {name: one["profiles"] for name, one in SERVICES.items() if "profiles" in one} == {
        "ollama-cpu": ["cpu"],
        "ollama-gpu": ["gpu"],
        "model-pull": ["cpu", "gpu"],
    }
    for name in ("ollama-cpu", "ollama-gpu"):
        assert SERVICES[name]["networks"]["back"]["aliases"] == ["ollama"]


def test_what_the_containers_are_told_are_settings() -> None:
    """A misspelt name would be ignored without a word."""
    client = (ROOT / "frontend" / "src" / "server" / "settings.ts").read_text(encoding="utf-8")
    known = {
        "loader": {name.upper() for name in CollectionSettings.model_fields} | {"LANG"},
        "server": {name.upper() for name in ServerSettings.model_fields} | {"LANG"},
        "client": {*re.findall(r"given\('([A-Z_]+)'", client), "NG_ALLOWED_HOSTS"},
    }
    for service, names in known.items():
        assert SERVICES[service]["environment"].keys() <= names
    in_image = {pair.split("=")[0] for pair in instructions(SERVER_IMAGE, "ENV")[-1].split()}
    assert in_image - known["server"] == {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "HF_HOME"}


def test_the_loader_is_called_as_it_can_be() -> None:
    """With the folder that is mounted for it."""
    *python, module = SERVICES["loader"]["command"][:3]
    options = _parser().parse_args([resolved(word) for word in SERVICES["loader"]["command"][3:]])

    assert (python, module) == (["python", "-m"], "database")
    assert (options.command, options.sources) == ("seed", ["/documents"])
    documents = SERVICES["loader"]["volumes"][-1]
    assert (documents["target"], documents["read_only"]) == ("/documents", True)
    assert (ROOT / resolved(documents["source"])).is_dir()


def test_defaults_are_those_of_the_settings() -> None:
    """What the README says of a setting holds in containers, too."""
    told = SERVICES["server"]["environment"]
    for name in ("MONGODB_DATABASE", "EMBEDDING_MODEL", "OLLAMA_MODEL", "GEMINI_MODEL", "LOG_LEVEL"):
        assert resolved(told[name]) == ServerSettings.model_fields[name.lower()].default
    assert resolved(told["ANSWER_WITH"]) == ",".join(ServerSettings.model_fields["answer_with"].default)
    assert told["MONGODB_URI"].startswith("mongodb://${MONGODB_USERNAME:-acervo}:${MONGODB_PASSWORD:?")
    assert told["MONGODB_URI"].endswith("@mongodb:27017/?directConnection=true")


def test_every_variable_is_in_the_example_file_with_its_default() -> None:
    """And nothing is there that isn't a variable of the compose files."""
    found = variables()

    assert found.keys() | {"COMPOSE_FILE", "COMPOSE_PROFILES"} == EXAMPLE.keys()
    for name, defaults in found.items():
        assert {resolved(default) for default in defaults - {"?"}} <= {EXAMPLE[name]}, name
    assert {name for name, defaults in found.items() if "?" in defaults} == {
        "MONGODB_PASSWORD",
        "MONGODB_ADMIN_PASSWORD",
        "MONGOT_PASSWORD",
    }
    assert [ROOT / path for path in EXAMPLE["COMPOSE_FILE"].split(":")] == [BASE, COMMUNITY]


@pytest.mark.parametrize("path", COMPOSE_FILES, ids=lambda path: path.name)
def test_named_volumes_are_declared_and_used(path: Path) -> None:
    """A volume that nobody declared would stop the start; one that nobody uses keeps nothing."""
    mounted = [volume for one in services(path).values() for volume in one.get("volumes", [])]
    names = {volume.split(":")[0] for volume in mounted if isinstance(volume, str)}
    assert {name for name in names if not name.startswith(".")} == set(load(path).get("volumes", {}))


def test_communitys_parts_agree() -> None:
    """mongod and mongot are told of each other in four files."""
    folder = ROOT / "deploy" / "community"
    mongod, mongot = load(folder / "mongod.yml"), load(folder / "mongot.yml")
    setup = (folder / "setup.js").read_text(encoding="utf-8")
    source, address = mongot["syncSource"]["replicaSet"], mongod["setParameter"]["mongotHost"]

    assert mongod["setParameter"]["searchIndexManagementHostAndPort"] == address
    assert mongot["server"]["grpc"]["address"].split(":")[1] == address.split(":")[1]
    assert address.split(":")[0] in services(COMMUNITY)
    assert f'_id: "{mongod["replication"]["replSetName"]}"' in setup
    assert f'host: "{source["hostAndPort"]}"' in setup
    assert SERVICES["mongodb"]["hostname"] == source["hostAndPort"].split(":")[0]
    assert f'put("{source["scramAuth"]["username"]}", MONGOT_PASSWORD, ["searchCoordinator"])' in setup
    assert f"> {source['scramAuth']['passwordFile']})" in (folder / "start-mongot.sh").read_text("utf-8")
    assert f"key={mongod['security']['keyFile']}\n" in (folder / "start-mongod.sh").read_text("utf-8")
    assert f"community:{mongod['storage']['dbPath']}" in services(COMMUNITY)["mongodb"]["volumes"]
    assert f"community-search:{mongot['storage']['dataPath']}" in services(COMMUNITY)["mongot"]["volumes"]


def test_the_guide_explains_every_service_volume_and_variable() -> None:
    """And the README says what the Atlas local image is for."""
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    told = {*WHOLE, *load(BASE)["volumes"], *load(COMMUNITY)["volumes"], *variables()}

    assert {name for name in told if f"`{name}`" not in guide} == set()
    for document in (guide, (ROOT / "README.md").read_text(encoding="utf-8")):
        assert "evaluation" in document


def compose() -> list[str] | None:
    """The words that start Docker Compose, where it is installed; it needs no engine to read files."""
    beside = Path(sys.executable).with_name("docker-compose")
    for words in ([str(beside)], ["docker-compose"], ["docker", "compose"]):
        if shutil.which(words[0]):
            asked = subprocess.run(  # noqa: S603
                [*words, "version", "--short"], capture_output=True, text=True, check=False
            )
            if asked.returncode == 0 and not asked.stdout.startswith("1."):
                return words
    return None


@pytest.mark.skipif(compose() is None, reason="needs Docker Compose")
@pytest.mark.parametrize(
    "files",
    [(BASE,), (BASE, COMMUNITY), (BASE, CUDA), COMPOSE_FILES],
    ids=["alone", "community", "cuda", "both"],
)
@pytest.mark.parametrize("profile", ["", "cpu", "gpu"])
def test_docker_compose_reads_them(files: tuple[Path, ...], profile: str, tmp_path: Path) -> None:
    """Alone and one over the other, with each profile; without a password it says what to do."""
    words = compose()
    assert words
    words += [word for path in files for word in ("-f", str(path))]
    words += ["--env-file", os.devnull, "config", "--format", "json"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COMPOSE_PROFILES": profile}
    given = {"MONGODB_PASSWORD": "a", "MONGODB_ADMIN_PASSWORD": "b", "MONGOT_PASSWORD": "c"}

    read = subprocess.run(words, env=environ | given, capture_output=True, text=True, check=False)  # noqa: S603
    refused = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)  # noqa: S603

    assert read.returncode == 0, read.stderr
    started = json.loads(read.stdout)["services"].keys()
    assert {"mongodb", "loader", "server", "client"} <= started
    assert ("mongot" in started) == (COMMUNITY in files)
    assert {name for name in started if "ollama" in name} == ({f"ollama-{profile}"} if profile else set())
    assert refused.returncode != 0
    assert "See deploy/example.env" in refused.stderr
