"""The files of docs/deploy are valid for the programs that read them, and name real options."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import attrs
import click
import pytest
from tests.docs.deployments import (
    DEPLOYMENTS,
    DIRECTORY,
    UNIT,
    Deployment,
    compose,
    kubernetes,
    read_yaml,
    unit_lines,
)

from anybank import plugins
from anybank.cli.migrate import migrate

GUIDE = DIRECTORY.parent.joinpath("guides/many-machines.md").read_text()
COMMON = {"journal_key", "operator", "base_url", "timeout", "rate_limit"}


@pytest.fixture(params=DEPLOYMENTS, ids=lambda deployment: deployment.__name__)
def deployment(request: pytest.FixtureRequest) -> Deployment:
    """Return each deployment."""
    read: Callable[[], Deployment] = request.param
    return read()


def test_the_command_exists(deployment: Deployment) -> None:
    """A worker is started with options that the command has."""
    group, command, *arguments = deployment.command
    assert (group, command) == ("migrate", "work")
    work = migrate.get_command(click.Context(migrate), "work")
    assert work is not None
    assert work.make_context("work", list(arguments)).params["verify"] is True


def test_each_variable_is_an_option(deployment: Deployment) -> None:
    """A variable with a wrong name would be ignored."""
    for name in deployment.environment:
        if name.startswith("ANYBANK_") and name[8:].lower() not in COMMON:
            provider, _, option = name[8:].lower().partition("_")
            adapter = plugins.find(provider).adapter
            options = {field.name for field in attrs.fields(adapter.Options)}
            assert option in options | COMMON, name


def test_no_secret_is_in_a_file_of_the_deployment(deployment: Deployment) -> None:
    """Credentials, keys and URLs come from references."""
    secret = re.compile("URL|TOKEN|IDENTITY|AUTHORIZATION|KEY")
    for name, value in deployment.environment.items():
        if value and secret.search(name):
            assert value.startswith(("file:", "env:")), name


def test_the_job_fits_the_schema_of_kubernetes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The newest published schema and one of two years ago accept it, strictly."""
    schemas = pytest.importorskip(
        "kubernetes_validate", reason="the group `dev` installs it"
    )
    job = read_yaml("job.yaml")
    for version in (schemas.latest_version(), "1.29"):
        schemas.validate(job, version, strict=True)
    with pytest.raises(schemas.ValidationError):
        schemas.validate({**job, "spec": {"paralelism": 4}}, "1.29", strict=True)


def test_what_the_pod_mounts_exists() -> None:
    """Each mount has a volume, and each file in the environment is in the secret."""
    spec = read_yaml("job.yaml")["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    (worker,) = spec["containers"]
    assert {mount["name"] for mount in worker["volumeMounts"]} == set(volumes)
    files = {item["path"] for item in volumes["secrets"]["secret"]["items"]}
    assert secret_files(kubernetes()) <= files


def test_what_the_services_mount_exists() -> None:
    """Each secret and each volume of a service is defined."""
    document = read_yaml("compose.yaml")
    secrets = set(document["secrets"])
    for service in document["services"].values():
        assert set(service["secrets"]) <= secrets
        names = [volume.split(":")[0] for volume in service["volumes"]]
        assert {name for name in names if "." not in name} <= set(document["volumes"])
    assert secret_files(compose()) <= secrets


def secret_files(deployment: Deployment) -> set[str]:
    values = (*deployment.environment.values(), *deployment.command)
    prefix = f"file:{deployment.secrets}/"
    return {value.removeprefix(prefix) for value in values if value.startswith(prefix)}


def test_compose_reads_its_file() -> None:
    """`docker compose config` accepts it, where it is installed."""
    docker = shutil.which("docker")
    check: list[str | Path] = [
        docker or "docker",
        "compose",
        "--file",
        DIRECTORY / "compose.yaml",
    ]
    if docker is None or run(*check, "version").returncode:
        pytest.skip("no `docker compose` here")
    done = run(*check, "config", "--quiet")
    assert done.returncode == 0, done.stderr


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing wrong, where it is installed."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no `systemd-analyze` here")
    installed = Path(sys.executable).with_name("anybank")
    text = (DIRECTORY / UNIT).read_text()
    unit = tmp_path / UNIT.replace("@", "@1")
    unit.write_text(text.replace("/opt/anybank/bin/anybank", str(installed)))
    done = run(analyze, "verify", "--man=no", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_is_started_again_only_where_that_helps() -> None:
    """Exit codes of the unit are those of the guide."""
    settings = dict(unit_lines())
    assert settings["RestartForceExitStatus"] == "75"
    assert settings["SuccessExitStatus"] == "2 143"
    assert "75 when a bank is down" in GUIDE


@pytest.mark.parametrize(
    "path", sorted(DIRECTORY.iterdir()), ids=lambda path: path.name
)
def test_the_guide_names_each_file(path: Path) -> None:
    """A file that no page names would not be found."""
    assert f"docs/deploy/{path.name}" in GUIDE


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # tools of the system
