"""The compose files and the image say what the code says: settings, commands, ports, versions. No Docker is needed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import commands
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text()
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = {each.name or each.callback.__name__ for each in commands.registered_commands if each.callback}


def services(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker" / name).read_text())["services"]
    return found


OURS = [
    pytest.param(service, id=f"{name}:{key}")
    for name in ("compose.one-machine.yml", "compose.processes.yml")
    for key, service in services(name).items()
    if service["image"] == "firstline"
]


@pytest.mark.parametrize("service", OURS)
def test_a_service_starts_a_command_of_ours_with_settings_of_ours(service: dict[str, Any]) -> None:
    command = service.get("command") or re.findall(r'"([^"]+)"', DOCKERFILE.rsplit("CMD", 1)[1])
    assert command[:3] == ["python", "-m", "bot"]
    assert command[3] in COMMANDS
    assert set(service["environment"]) <= SETTINGS
    given = {key: value for key, value in service["environment"].items() if value and "${" not in str(value)}
    Settings(_env_file=None, **{key.lower(): value for key, value in given.items()})


# Fixed by the image and what it publishes; on one machine every part is in one process, which has WEB_PORT.
FIXED = {"WEB_PORT", "HEALTH_PORT"}


@pytest.mark.parametrize("service", OURS)
def test_a_service_passes_on_every_setting_there_is(service: dict[str, Any]) -> None:
    assert SETTINGS - FIXED - set(service["environment"]) == set()


@pytest.mark.parametrize("service", OURS)
def test_a_checked_service_answers_where_the_image_asks(service: dict[str, Any]) -> None:
    asked = re.search(r"HTTPConnection\('127\.0\.0\.1', (\d+)", DOCKERFILE)
    assert asked
    assert "'/healthz'" in DOCKERFILE
    command = service.get("command", ["", "", "", "run"])[3]
    if service.get("healthcheck", {}).get("disable"):
        assert command == "migrate"
        return
    serves_web = command in ("run", "web")
    port = Settings(_env_file=None).web_port if serves_web else service["environment"]["HEALTH_PORT"]
    assert port == int(asked[1])
    for published in service.get("ports", []):
        assert published == f"127.0.0.1:{port}:{port}"
        assert service["environment"]["WEB_HOST"] == "0.0.0.0"


def test_every_part_has_a_service() -> None:
    started = {
        service["command"][3]
        for service in services("compose.processes.yml").values()
        if "environment" in service and service["image"] == "firstline"
    }
    assert started == {"migrate", "intake", "turns", "deliver", "ticker", "web"}


def test_the_example_names_what_compose_wants() -> None:
    named = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / "docker/env.example").read_text(), re.MULTILINE))
    text = "".join(
        (ROOT / "docker" / name).read_text() for name in ("compose.one-machine.yml", "compose.processes.yml")
    )
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) <= named
    passed_on = {line.strip(" :") for line in text.splitlines() if re.fullmatch(r"    [A-Z_]+:", line)}
    assert passed_on <= named
    assert named <= SETTINGS | {"POSTGRES_PASSWORD"}


def test_the_image_has_the_versions_of_the_tree() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    python = re.findall(r"^FROM python:([\d.]+)-slim", DOCKERFILE, re.MULTILINE)
    assert len(set(python)) == 1
    assert python[0] in asked
    assert re.search(r"uv==([\d.]+)", DOCKERFILE)[1] == re.search(r"uv==([\d.]+)", (ROOT / "Makefile").read_text())[1]


def test_nothing_the_bot_reads_is_left_out_of_the_image() -> None:
    """`COPY . .` takes the tree without what .dockerignore names."""
    left_out = (ROOT / ".dockerignore").read_text().split("\n")
    assert not {"bot", "migrations", "content", "demo", "pyproject.toml"} & set(left_out)
    assert {".env", "**/.env", "data", ".git"} <= set(left_out)
