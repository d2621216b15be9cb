"""A bank is configured by its arguments, then by the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve, frozen
from tests.fakes import FakeTime, Script, Toy, json_response

from anybank import AsyncBank, Bank, ConfigurationError, Sensitive
from anybank._engine.settings import Common, engine_and_endpoint
from anybank._engine.throttle import Throttle
from anybank._engine.timing import Timing
from anybank.adapter import Adapter
from anybank.adapter.options import credential, option

ENV = "ANYBANK_TOY_"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the options of this machine from the environment."""
    import os  # noqa: PLC0415

    for name in [name for name in os.environ if name.startswith("ANYBANK_")]:
        monkeypatch.delenv(name)


def configured(adapter: str | type[Adapter] = Toy, **arguments: Any) -> Any:
    """Return the engine and endpoint for some arguments."""
    common = {name: arguments.pop(name) for name in list(arguments) if name in COMMON}
    return engine_and_endpoint(adapter, Common(**common), arguments)


COMMON = {"environment", "base_url", "timeout", "retries", "rate_limit"}


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument takes precedence over the environment."""
    monkeypatch.setenv(ENV + "TOKEN", "theirs")
    monkeypatch.setenv(ENV + "LEVEL", "9")
    engine, _ = configured(token="mine", level=2)
    assert engine.adapter.options.token == Sensitive("mine")
    assert engine.adapter.options.level == 2


def test_the_environment_fills_absent_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An absent option is read from a variable with the provider's and its own name."""
    for name, text in {
        "TOKEN": "t",
        "LEVEL": "9",
        "LOUD": "yes",
        "MOOD": "angry",
    }.items():
        monkeypatch.setenv(ENV + name, text)
    options = configured()[0].adapter.options
    assert (options.level, options.loud, options.mood) == (9, True, "angry")
    assert options.token.reveal() == "t"


@pytest.mark.parametrize(
    ("text", "loud"),
    [("true", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)],
)
def test_a_switch_is_read_from_a_word(
    text: str, *, loud: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A boolean option is read from yes, no and similar words."""
    monkeypatch.setenv(ENV + "LOUD", text)
    assert configured(token="t")[0].adapter.options.loud is loud


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("LOUD", "maybe", "ANYBANK_TOY_LOUD must be true or false"),
        ("LEVEL", "high", "ANYBANK_TOY_LEVEL must be a number"),
        ("LEVEL", "1.5", "ANYBANK_TOY_LEVEL must be a number"),
        ("MOOD", "sad", "mood has an invalid value (how it feels)"),
        ("TIMEOUT", "soon", "ANYBANK_TOY_TIMEOUT must be a number"),
        ("TIMEOUT", "0", "timeout must be a finite number above 0"),
        ("TIMEOUT", "-1", "timeout must be a finite number above 0"),
        ("TIMEOUT", "inf", "timeout must be a finite number above 0"),
        ("TIMEOUT", "nan", "timeout must be a finite number above 0"),
        ("RETRIES", "many", "ANYBANK_TOY_RETRIES must be a number"),
        ("RETRIES", "-1", "retries must be"),
        ("RETRIES", "1.5", "retries must be"),
        ("RATE_LIMIT", "fast", "ANYBANK_TOY_RATE_LIMIT must be a number"),
        ("RATE_LIMIT", "1.5", "ANYBANK_TOY_RATE_LIMIT must be a number"),
        ("RATE_LIMIT", "0", "rate_limit must be a whole number of calls per minute"),
        ("ENVIRONMENT", "mars", "toy has no environment 'mars'. Use one of: sandbox"),
        ("BASE_URL", "http://evil.example", "Use https://"),
        ("BASE_URL", "nowhere", "(base_url, or ANYBANK_TOY_BASE_URL)"),
    ],
)
def test_a_wrong_variable_is_named(
    name: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalid variable is named when the bank is created."""
    monkeypatch.setenv(ENV + name, text)
    with pytest.raises(ConfigurationError) as caught:
        configured(token="t")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"timeout": None}, "timeout must be a number, not None"),
        ({"timeout": True}, "timeout must be a number"),
        ({"timeout": "5"}, "timeout must be a number"),
        ({"timeout": float("inf")}, "timeout must be a finite number"),
        ({"retries": None}, "retries must be a number"),
        ({"retries": -1}, "retries must be"),
        ({"retries": 1.5}, "retries must be"),
        ({"rate_limit": 0}, "rate_limit must be a whole number of calls"),
        ({"rate_limit": 1.5}, "rate_limit must be a whole number of calls"),
        ({"rate_limit": True}, "rate_limit must be a whole number of calls"),
        ({"rate_limit": "none"}, "rate_limit must be a whole number of calls"),
        ({"environment": "production"}, "ANYBANK_TOY_BASE_URL"),
        ({"mood": "sad"}, "mood has an invalid value"),
        ({"mood": 5}, "mood must be a text"),
        ({"level": "2"}, "level must be a whole number"),
        ({"level": True}, "level must be a whole number"),
        ({"loud": 1}, "loud must be true or false"),
        ({"colour": "red"}, "toy has no option colour; its options: level, loud, mood"),
        ({"b": 1, "a": 2}, "toy has no option a, b;"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], said: str) -> None:
    """An invalid argument is named, with a description of a valid one."""
    with pytest.raises(ConfigurationError) as caught:
        configured(token="t", **arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize("token", [5, b"t", ["t"], True])
def test_a_credential_is_a_text_or_a_function(token: Any) -> None:
    """A credential that is neither text nor a callable is rejected."""
    with pytest.raises(ConfigurationError, match="token has an invalid value"):
        configured(token=token)


@pytest.mark.parametrize("text", ["none", "NONE", " none "])
def test_a_rate_limit_may_be_none(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word `none` in the environment switches the rate limit off."""
    monkeypatch.setenv("ANYBANK_BOND_RATE_LIMIT", text)
    engine, _ = configured("bond", identity="i", authorization="a")
    assert engine.throttle is None


def test_the_declared_rate_limit_is_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The argument precedes the environment, and the environment the declared limit."""
    arguments = {"identity": "i", "authorization": "a"}
    assert configured("bond", **arguments)[0].throttle.per_minute == 1000
    monkeypatch.setenv("ANYBANK_BOND_RATE_LIMIT", "70")
    assert configured("bond", **arguments)[0].throttle.per_minute == 70
    assert configured("bond", rate_limit=5, **arguments)[0].throttle.per_minute == 5
    assert configured("bond", rate_limit=None, **arguments)[0].throttle is None


def test_absent_options_have_defaults() -> None:
    """The defaults are thirty seconds, two retries and the sandbox."""
    engine, endpoint = configured(token="t")
    assert endpoint.timeout == 30.0
    assert engine.policy.retries == 2
    assert endpoint.base_url == "https://toy.example.com/v1"


def test_production_must_be_explicit() -> None:
    """A bank without an environment uses the sandbox."""
    arguments = {"identity": "i", "authorization": "a"}
    assert "sandbox" in configured("bond", **arguments)[1].base_url
    _, endpoint = configured("bond", environment="production", **arguments)
    assert endpoint.base_url == "https://api.bond.tech/api/v0.1"


def test_a_base_url_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A base URL takes precedence over the environment."""
    monkeypatch.setenv(ENV + "BASE_URL", "https://bank.example.com/x/")
    assert configured(token="t", environment="mars")[1].base_url == (
        "https://bank.example.com/x"
    )


def test_a_variable_may_refer_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """`env:NAME` in a variable is resolved once."""
    monkeypatch.setenv(ENV + "TOKEN", "env:VAULT_TOKEN")
    monkeypatch.setenv("VAULT_TOKEN", "env:not-followed")
    assert configured()[0].adapter.options.token.reveal() == "env:not-followed"


def test_an_argument_may_be_a_reference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`file:PATH` is replaced by the content of the file without the line break."""
    path = tmp_path / "token"
    path.write_text("from-a-file\n")
    monkeypatch.setenv("MOOD", "angry")
    options = configured(token=f"file:{path}", mood="env:MOOD")[0].adapter.options
    assert (options.token.reveal(), options.mood) == ("from-a-file", "angry")


def test_a_reference_to_nothing_names_both() -> None:
    """The error names the option and the missing variable."""
    with pytest.raises(ConfigurationError, match="token refers to NOWHERE, which is"):
        configured(token="env:NOWHERE")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the unreadable file and not its content."""
    path = tmp_path / "token"
    if content:
        path.write_bytes(content)
    monkeypatch.setenv(ENV + "TOKEN", f"file:{path}")
    with pytest.raises(ConfigurationError, match="ANYBANK_TOY_TOKEN refers") as caught:
        configured()
    assert str(path) in str(caught.value)
    assert caught.value.__context__ is None


def test_missing_credentials_name_their_variables() -> None:
    """The error names the variables of the missing credentials and describes them."""
    with pytest.raises(ConfigurationError) as caught:
        Bank("bond")
    for text in (
        "bond needs identity and authorization",
        "ANYBANK_BOND_IDENTITY and ANYBANK_BOND_AUTHORIZATION",
        "the key id, sent as the Identity header",
    ):
        assert text in str(caught.value)


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_credential_is_missing(
    empty: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable counts as missing."""
    with pytest.raises(ConfigurationError, match="ANYBANK_TOY_TOKEN"):
        configured(token=empty)
    monkeypatch.setenv(ENV + "TOKEN", "")
    with pytest.raises(ConfigurationError, match="ANYBANK_TOY_TOKEN"):
        configured()


def test_a_credential_is_masked_in_its_options() -> None:
    """The repr of the options masks the credentials."""
    assert "very-secret" not in repr(configured(token="very-secret")[0].adapter.options)


def test_a_masked_credential_is_accepted() -> None:
    """A credential may be passed as Sensitive."""
    options = configured(token=Sensitive("s"))[0].adapter.options
    assert options.token == Sensitive("s")


@pytest.mark.parametrize(
    "vendor", [("bnd", "bond"), ("BOND", "bond"), ("sondr", "sonder")]
)
def test_a_misspelt_provider_suggests_the_nearest(vendor: tuple[str, str]) -> None:
    """The error for a misspelt provider suggests the nearest name."""
    with pytest.raises(ConfigurationError, match=f"did you mean '{vendor[1]}'"):
        Bank(vendor[0])


@pytest.mark.parametrize("kind", [Bank, AsyncBank])
@pytest.mark.parametrize("options", [{}, {"key": "0" * 64}])
def test_a_file_is_no_bank(kind: Any, options: dict[str, str]) -> None:
    """The error for the provider `file` names the commands that read a neutral file."""
    with pytest.raises(ConfigurationError, match="not a bank") as caught:
        kind("file", **options)
    for command in ("export", "import", "migrate plan"):
        assert f"`anybank {command}" in str(caught.value)


def test_an_unknown_provider_lists_those_installed() -> None:
    """The error for an unknown provider lists the installed ones."""
    with pytest.raises(ConfigurationError, match=r"installed: .*bond, .*sonder"):
        Bank("zzzzzz")


@pytest.mark.parametrize(
    "arguments",
    [
        {"address_types": "garbage"},
        {"address_types": {"garbage": "X"}},
        {"phone_types": "mobile"},
        {"phone_types": {"pigeon": "X"}},
        {"update_verb": "POST"},
        {"second_line": "drop"},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_is_named(arguments: dict[str, Any]) -> None:
    """An invalid value of a vendor's own option is named."""
    with pytest.raises(ConfigurationError, match=next(iter(arguments))):
        Bank("sonder", token="t", **arguments)


def test_a_vocabulary_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`mailing=MAILING,work=WORK` is read as two words."""
    monkeypatch.setenv("ANYBANK_SONDER_ADDRESS_TYPES", "mailing=MAILING, work=WORK")
    options = configured("sonder", token="t")[0].adapter.options
    assert options.address_types == {"mailing": "MAILING", "work": "WORK"}


@frozen(kw_only=True)
class Strict:
    """Options with a validator of their own."""

    token: Sensitive = credential("the token")
    both: str = option("with token only")

    def __attrs_post_init__(self) -> None:
        if self.both == "never":
            raise ValueError("secret-detail")


class StrictToy(Toy):
    """A toy vendor whose options validate themselves."""

    Options = Strict  # type: ignore[assignment] # a vendor's own


def test_options_that_refuse_themselves_are_a_configuration_error() -> None:
    """An exception of a plugin's options becomes ConfigurationError without its text."""
    with pytest.raises(ConfigurationError) as caught:
        configured(StrictToy, token="t", both="never")
    assert "secret-detail" not in str(caught.value)


class Hyphened(Toy):
    """A toy vendor with a hyphen in its name."""

    capabilities = evolve(Toy.capabilities, provider="toy-bank")


def test_a_hyphen_is_an_underscore_in_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hyphen in a provider's name is an underscore in its variables."""
    monkeypatch.setenv("ANYBANK_TOY_BANK_TOKEN", "t")
    assert configured(Hyphened)[0].adapter.options.token.reveal() == "t"


def test_the_real_clock_is_the_default() -> None:
    """A bank without a timing uses the real clock and sleep function."""
    assert configured(token="t")[0].timing == Timing()
    time = FakeTime()
    script = Script(httpx.ConnectError("no"), json_response(id="c"))
    with Bank(Toy, token="t", transport=script, timing=time.timing()) as bank:
        bank.customers.get("c")
    assert time.slept == [0.5]


def test_a_throttle_may_be_shared() -> None:
    """Two banks may share one throttle."""
    throttle = Throttle(60)
    assert configured(token="t", rate_limit=throttle)[0].throttle is throttle


@pytest.mark.parametrize("kind", [Bank, AsyncBank])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("provider", None),
        ("provider", 3),
        ("provider", dict),
        ("timeout", httpx.Timeout(5)),
        ("timeout", "5"),
        ("timeout", float("nan")),
        ("retries", "2"),
        ("retries", 1.5),
        ("rate_limit", "many"),
        ("environment", 3),
        ("base_url", 3),
        ("base_url", "https://\ud83d"),
        ("transport", 3),
        ("timing", 3),
        ("http", 3),
    ],
)
def test_an_option_of_another_type_is_refused_by_name(
    kind: type[Bank | AsyncBank], name: str, value: Any
) -> None:
    """An option of another type raises ConfigurationError when the bank is created."""
    arguments = {"provider": Toy, "token": "t", name: value}
    with pytest.raises(ConfigurationError, match=name):
        kind(**arguments)


def test_a_transport_of_the_other_kind_is_refused() -> None:
    """A synchronous transport is rejected by AsyncBank, and the other way round."""
    with pytest.raises(ConfigurationError, match="handle_async_request"):
        AsyncBank(Toy, token="t", transport=httpx.HTTPTransport())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="handle_request"):
        Bank(Toy, token="t", transport=httpx.AsyncHTTPTransport())  # type: ignore[arg-type]
