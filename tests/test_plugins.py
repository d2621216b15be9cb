"""Finding providers: a broken plugin is listed, and the others work."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anybank import Bank, ConfigurationError, providers
from anybank.plugins import ALLOW_LIST, find

GOOD = """
from anybank.adapter import Adapter
from anybank.declaration import Capabilities
from anybank.adapter.hookspecs import Provider, hookimpl

class Example(Adapter):
    capabilities = Capabilities(provider="{name}", title="Example", hosts={{
        "sandbox": "https://example.com"}}, interface={interface})

@hookimpl
def anybank_provider():
    return Provider(adapter={adapter})
"""

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a plugin: a module and its dist-info on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def plugin(
        code: str, name: str = "example", dist: str = "", value: str = ""
    ) -> str:
        dist = dist or f"anybank-{name}"
        module = f"{dist}_{abs(hash(str(tmp_path)))}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{dist.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.2\n"
        )
        (info / "entry_points.txt").write_text(
            f"[anybank]\n{name} = {value or module}\n"
        )
        monkeypatch.delitem(sys.modules, module, raising=False)
        return str(info)

    return plugin


def good(name: str = "example", interface: int = 1, adapter: str = "Example") -> str:
    return GOOD.format(name=name, interface=interface, adapter=adapter)


def problem(name: str = "example") -> str | None:
    """Return why a provider is quarantined."""
    (info,) = [provider for provider in providers() if provider.name == name]
    return info.problem


def test_an_installed_plugin_is_found(install: Install) -> None:
    """A plugin of another author is a provider like ours."""
    install(good())
    (info,) = [provider for provider in providers() if provider.name == "example"]
    assert (info.title, info.distribution, info.version, info.problem) == (
        "Example",
        "anybank-example",
        "1.2",
        None,
    )
    with Bank("example") as bank:
        assert bank.provider == "example"


BROKEN = {
    "raises": ("raise RuntimeError('boom')", "raised RuntimeError: boom"),
    "exits": ("import sys; sys.exit(3)", "raised SystemExit: 3"),
    "needs what is not there": ("import no_such_module", "raised ModuleNotFoundError"),
    "does not parse": ("def", "raised SyntaxError"),
    "has no hook": ("x = 1", "did not return a Provider"),
    "returns another thing": (
        good().replace("Provider(adapter=Example)", "Example"),
        "did not return a Provider",
    ),
    "returns nothing": (
        good().replace("return Provider(adapter=Example)", "return None"),
        "did not return a Provider",
    ),
    "fails in its hook": (
        good().replace("return Provider(adapter=Example)", "raise KeyError('k')"),
        "its hook raised KeyError",
    ),
    "has a hook with wrong parameters": (
        good().replace("anybank_provider()", "anybank_provider(what)"),
        "its hook raised PluginValidationError",
    ),
    "offers an instance": (good(adapter="Example(None)"), "is not an Adapter"),
    "offers no adapter": (good(adapter="dict"), "is not an Adapter"),
    "offers nothing": (good(adapter="None"), "is not an Adapter"),
    "offers what only looks like one": (
        good().replace("class Example(Adapter)", "class Example"),
        "is not an Adapter",
    ),
    "declares nothing": (
        good(adapter="Adapter"),
        "is not an Adapter with capabilities",
    ),
    "has another name": (
        good("other"),
        "its entry point is 'example', and its adapter is 'other'",
    ),
    "is for another version": (
        good(interface=2),
        "written for interface 2; this is 1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_quarantined_with_its_reason(
    name: str, install: Install
) -> None:
    """It is listed with the reason, refused by name, and the others work."""
    code, reason = BROKEN[name]
    install(code)
    assert reason in (problem() or "")
    assert problem("bond") is None
    with pytest.raises(ConfigurationError, match="'example' cannot be used") as caught:
        Bank("example")
    assert reason in str(caught.value)
    assert caught.value.__context__ is None
    assert find("bond").adapter.capabilities.provider == "bond"


def test_an_entry_point_that_leads_nowhere_is_quarantined(install: Install) -> None:
    """A module without the named attribute is a broken plugin."""
    install(good(), value="json:no_such_thing")
    assert "AttributeError" in (problem() or "")


def test_a_name_that_two_plugins_claim_is_quarantined(install: Install) -> None:
    """Neither is used; the error names both and the command that removes one."""
    install(good(), dist="anybank-one")
    install(good(), dist="anybank-two")
    (info,) = (provider for provider in providers() if provider.name == "example")
    assert info.distribution == "anybank-one, anybank-two"
    steps = (
        "uninstall one with `pip uninstall anybank-one` or `pip uninstall anybank-two`"
    )
    assert (info.problem or "").endswith(steps)
    with pytest.raises(ConfigurationError, match="anybank-one and anybank-two claim"):
        Bank("example")


def test_a_name_that_one_plugin_claims_twice_is_quarantined(install: Install) -> None:
    """The error says to reinstall a distribution that is installed twice."""
    points = Path(install(good())) / "entry_points.txt"
    points.write_text(points.read_text() + "example = json:loads\n")
    assert problem() == "anybank-example claims the name more than once: reinstall it"


def test_a_built_in_name_is_reserved(install: Install) -> None:
    """The error names the plugin that uses it and the command that removes it."""
    install(good("file"), name="file", dist="evil")
    with pytest.raises(ConfigurationError, match="itself: `pip uninstall evil`"):
        find("file")


def test_a_second_plugin_of_one_name_is_refused(install: Install) -> None:
    """Both plugins that are called bond are refused."""
    install(good("bond"), name="bond", dist="evil")
    with pytest.raises(ConfigurationError, match=r"anybank-bond.*claim the name"):
        Bank("bond", identity="i", authorization="a")
    assert problem("sonder") is None


def test_only_listed_plugins_load(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an allow-list no other plugin is imported."""
    install("raise SystemExit('must not be imported')")
    monkeypatch.setenv(ALLOW_LIST, " bond , other ")
    assert problem() == "ANYBANK_PLUGINS does not list it"
    assert problem("bond") is None
    with pytest.raises(ConfigurationError, match="does not list it"):
        find("sonder")


def test_an_empty_list_allows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An allow-list that is set and empty allows no plugin."""
    monkeypatch.setenv(ALLOW_LIST, "")
    assert problem("bond") == "ANYBANK_PLUGINS does not list it"


def test_an_interrupt_is_not_a_broken_plugin(install: Install) -> None:
    """Ctrl-C during an import is raised again."""
    install("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        find("example")


@pytest.mark.filterwarnings("ignore:Implicit None:DeprecationWarning")  # the library's
@pytest.mark.parametrize("damage", ["METADATA", "metadata without a name"])
def test_a_damaged_distribution_does_not_stop_the_others(
    damage: str, install: Install
) -> None:
    """The remains of a half-deleted package do not stop the other plugins."""
    metadata = Path(install(good())) / "METADATA"
    if damage == "METADATA":
        metadata.unlink()
    else:
        metadata.write_text("Metadata-Version: 2.1\n")
    assert problem("bond") is None


def test_a_provider_is_imported_on_use(install: Install) -> None:
    """Finding one provider imports no other."""
    install("raise SystemExit('must not be imported')")
    assert find("bond").adapter.capabilities.provider == "bond"


def test_installed_and_removed_plugins_are_noticed(
    install: Install, tmp_path: Path
) -> None:
    """The result is reused until a directory on the path changes."""
    info = Path(install(good()))
    old = time.time() - 3600
    os.utime(tmp_path, (old, old))
    assert problem() is None
    assert find("example") is find("example")
    shutil.rmtree(info)
    with pytest.raises(ConfigurationError, match="no provider 'example'"):
        find("example")


def test_a_path_that_changed_just_now_is_read_again(install: Install) -> None:
    """Two changes may have one modification time, so a recent path is read at each call."""
    install(good())
    assert problem() is None
    install(good("second"), name="second")
    assert problem("second") is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bond", "bond is not installed: run pip install anybank-bond"),
        ("bnod", "no provider 'bnod': did you mean 'bond'?"),
        ("acme", "no provider 'acme'; installed: none"),
        ("chase", "no provider 'chase'; installed: none"),
    ],
)
def test_a_missing_plugin_names_its_package(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any plugin, the error says what to install."""
    monkeypatch.syspath_prepend(
        str(tmp_path)
    )  # so that the entry points are read again
    monkeypatch.setattr("anybank.plugins.entry_points", lambda **_: ())
    with pytest.raises(ConfigurationError) as caught:
        find(name)
    assert str(caught.value) == message
