"""Configure a bank from its arguments and, where they are absent, the environment."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from types import NoneType
from typing import Any, cast

import attrs

from ..adapter.base import Adapter
from ..adapter.options import CREDENTIAL, HELP, option_types, secret_problem, variable
from ..adapter.wire import Json
from ..declaration.overrides import override, parse_overrides
from ..errors import ConfigurationError
from ..model.unset import UNSET, Unset
from ..plugins import BUILT_IN, find
from ..sensitive import Sensitive
from .access_tokens import store_for
from .body_fields import checked_fields
from .extra_content import checked_body, checked_headers, with_note
from .http_options import ENGINES, EngineName, HttpOptions
from .log_settings import configure_logging
from .observation import Observer
from .references import resolve_reference
from .retry import RetryPolicy
from .retry_loop import Engine
from .throttle import Throttle
from .timing import Timing
from .transports.endpoint import Endpoint

DEFAULT_TIMEOUT = 30.0
DEFAULT_RETRIES = 2
_HTTP_ENGINE = "ANYBANK_HTTP_ENGINE"
_LONGEST_TIMEOUT = 86_400.0
"""One day: larger values overflow the timeout of a socket."""
_KINDS = {bool: "true or false", int: "a whole number", str: "a text"}
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@attrs.frozen(kw_only=True)
class Common:
    """The options of every bank; UNSET ones are read from the environment."""

    environment: str | None = None
    base_url: str | None = None
    timeout: float | Unset = UNSET
    retries: int | Unset = UNSET
    rate_limit: int | Throttle | None | Unset = UNSET
    http: HttpOptions | None = None
    timing: Timing = attrs.field(factory=Timing)
    observers: Sequence[Observer] = ()
    overrides: Mapping[str, Mapping[str, Any]] | None = None
    log_fields: Collection[str] = ()


def engine_and_endpoint(
    provider: str | type[Adapter], common: Common, arguments: Mapping[str, Any]
) -> tuple[Engine, Endpoint]:
    """Return the engine and endpoint of a bank; raises ConfigurationError."""
    kind = _adapter(provider)
    _require_types(common)
    reader = _Reader(kind.capabilities.provider)
    adapter = kind(_options(kind, reader, arguments))
    if overrides := _overrides(reader, common.overrides):
        adapter.capabilities = override(adapter.capabilities, overrides)
    timeout = _timeout(reader, common.timeout)
    endpoint = _endpoint(
        reader, _base_url(adapter, reader, common), timeout, _http(reader, common.http)
    )
    configure_logging()
    engine = Engine(
        adapter,
        RetryPolicy(retries=_retries(reader, common)),
        _throttle(adapter, reader, common),
        common.timing,
        host=endpoint.host,
        observers=_observers(common.observers),
        log_fields=checked_fields(common.log_fields, adapter.capabilities),
        tokens=store_for(adapter, endpoint.base_url) if adapter.uses_tokens else None,
    )
    return engine, endpoint


def engine_with_options(
    engine: Engine,
    *,
    timeout: float | Unset,
    retries: int | Unset,
    extra_headers: Mapping[str, str | Sensitive] | None,
    extra_body: Mapping[str, Json] | None,
) -> Engine:
    """Return an engine with other options per call; raises ConfigurationError."""
    reader = _Reader(engine.adapter.capabilities.provider)
    changes: dict[str, Any] = {}
    if timeout is not UNSET:
        changes["timeout"] = _timeout(reader, timeout)
    if retries is not UNSET:
        number = _retries(reader, Common(retries=retries))
        changes["policy"] = attrs.evolve(engine.policy, retries=number)
    if extra_headers is not None:
        changes["extra_headers"] = checked_headers(extra_headers)
    if extra_body is not None:
        changes["extra_body"] = checked_body(extra_body)
    changed = attrs.evolve(engine, **changes)
    if extra_headers is None and extra_body is None:
        return changed
    return attrs.evolve(changed, adapter=_with_note(changed))


def _with_note(engine: Engine) -> Adapter:
    """Return the adapter, whose declaration says that the extra content is unportable."""
    # A copy: the first bank goes on without the extra content.
    adapter = copy(engine.adapter)
    declared = adapter.capabilities
    notes = with_note(declared.notes, engine.extra_headers, engine.extra_body)
    adapter.capabilities = attrs.evolve(declared, notes=notes)
    return adapter


def _timeout(reader: _Reader, value: float | Unset) -> float:
    timeout = reader.number("timeout", value, DEFAULT_TIMEOUT, above=0)
    if timeout > _LONGEST_TIMEOUT:
        raise ConfigurationError("timeout must be at most 86400 seconds (one day)")
    return timeout


def _observers(observers: object) -> tuple[Observer, ...]:
    listed = isinstance(observers, (list, tuple))
    if not listed or not all(map(callable, cast("Any", observers))):
        raise ConfigurationError("observers must be a list of callables")
    if any(map(inspect.iscoroutinefunction, cast("Any", observers))):
        raise ConfigurationError(
            "observers must not be async: they are called in the middle of a call"
        )
    return tuple(cast("Any", observers))


def require_transport(transport: object, http: object, method: str) -> None:
    """Raise ConfigurationError if the transport or the engine does not fit the bank.

    A transport must have *method*, which is `handle_request` for a synchronous bank.
    """
    engine = http.engine if isinstance(http, HttpOptions) else "auto"
    if method == "handle_request" and engine == "aiohttp":
        raise ConfigurationError(
            "HttpOptions.engine: aiohttp works with AsyncBank only. Use httpx or auto "
            "with Bank."
        )
    if transport is not None and not callable(getattr(transport, method, None)):
        kind = type(transport).__name__
        raise ConfigurationError(
            f"transport must have the method {method}, which {kind} lacks"
        )


def _adapter(provider: object) -> type[Adapter]:
    if isinstance(provider, str):
        return _find_adapter(provider)
    if isinstance(provider, type) and issubclass(provider, Adapter):
        return provider
    rule = "must be the name of an installed bank or an Adapter class"
    raise ConfigurationError(f"provider {rule}, not {type(provider).__name__}")


def _require_types(common: Common) -> None:
    for name in ("environment", "base_url"):
        value = getattr(common, name)
        if not isinstance(value, (str, NoneType)):
            kind = type(value).__name__
            raise ConfigurationError(f"{name} must be a text, not {kind}")
    if not isinstance(common.timing, Timing):
        raise ConfigurationError("timing must be a Timing")


def _find_adapter(provider: str) -> type[Adapter]:
    """Return the adapter of a bank by name; a neutral file is not a bank."""
    if provider in BUILT_IN:
        raise ConfigurationError(
            f"{provider!r} is not a bank: a neutral file is one side of a migration. Write "
            "one with `anybank export`, and read it with `anybank import` or `anybank "
            "migrate plan --from FILE`"
        )
    return find(provider).adapter


@attrs.frozen
class _Reader:
    """Read the environment variables of one provider."""

    provider: str
    _prefix: str = attrs.field(
        default=attrs.Factory(lambda self: variable(self.provider, ""), True),
        init=False,
    )

    def variable(self, name: str) -> str:
        """Return the environment variable of an option."""
        return self._prefix + name.upper()

    def text(self, name: str) -> str | None:
        """Return the value of a variable with its reference resolved, or None."""
        source = self.variable(name)
        value = os.environ.get(source)
        return None if value is None else resolve_reference(value, source)

    def number(
        self, name: str, argument: float | Unset, default: float, above: float = -1
    ) -> float:
        """Return a finite number from the argument, the environment or the default."""
        value: Any = argument
        if argument is UNSET:
            text = self.text(name)
            value = default if text is None else self.parsed(name, text, float)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ConfigurationError(_not_a_number(name, value))
        if not above < value < float("inf"):
            raise ConfigurationError(f"{name} must be a finite number above {above:g}")
        return value

    def parsed(self, name: str, text: str, kind: Callable[[str], Any]) -> Any:
        """Convert a variable's text; raises ConfigurationError naming the variable."""
        try:
            return kind(text)
        except ValueError:
            pass
        # Not in the `except` block: the ValueError quotes the text, and would be
        # attached.
        raise ConfigurationError(f"{self.variable(name)} must be a number")


def _not_a_number(name: str, value: object) -> str:
    if value is None:
        return f"{name} must be a number, not None"
    unit = " of seconds" if name == "timeout" else ""
    return f"{name} must be a number{unit}, not {type(value).__name__}"


def _options(kind: type[Adapter], reader: _Reader, arguments: Mapping[str, Any]) -> Any:
    fields = {field.name: field for field in attrs.fields(kind.Options)}
    if unknown := sorted(set(arguments) - set(fields)):
        known = ", ".join(sorted(fields)) or "none"
        raise ConfigurationError(
            f"{reader.provider} has no option {', '.join(unknown)}; its options: {known}"
        )
    types = option_types(kind.Options)
    values = {
        name: _argument(name, value, types[name]) for name, value in arguments.items()
    }
    for name in set(fields) - set(values):
        text = reader.text(name)
        if text is not None:
            values[name] = _typed(reader, name, text, types[name])
    _complete(reader, fields, values)
    for name, value in values.items():
        if CREDENTIAL in fields[name].metadata:
            _check_secret(name if name in arguments else reader.variable(name), value)
    return _build_options(kind, values)


def _check_secret(source: str, value: object) -> None:
    """Raise ConfigurationError for a credential that no header can carry."""
    text = value.reveal() if isinstance(value, Sensitive) else value
    problem = secret_problem(text) if isinstance(text, str) else None
    if problem is not None:
        raise ConfigurationError(f"{source} {problem}. Correct the value.")


def _argument(name: str, value: Any, kind: Any) -> Any:
    resolved = resolve_reference(value, name) if isinstance(value, str) else value
    if kind in _KINDS and type(resolved) is not kind:  # True is not a whole number
        raise ConfigurationError(f"{name} must be {_KINDS[kind]}")
    return resolved


def _typed(reader: _Reader, name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in _WORDS:
            source = reader.variable(name)
            raise ConfigurationError(f"{source} must be true or false")
        return _WORDS[text.lower()]
    return reader.parsed(name, text, kind) if kind in (int, float) else text


def _complete(
    reader: _Reader, fields: Mapping[str, Any], values: Mapping[str, Any]
) -> None:
    needed = [name for name, field in fields.items() if CREDENTIAL in field.metadata]
    missing = [name for name in needed if values.get(name) in (None, "")]
    if missing:
        variables = " and ".join(reader.variable(name) for name in missing)
        helps = "; ".join(f"{name}: {fields[name].metadata[HELP]}" for name in missing)
        raise ConfigurationError(
            f"{reader.provider} needs {' and '.join(missing)}: set {variables}, or pass "
            f"{'= and '.join(missing)}= to Bank ({helps})"
        )


def _build_options(kind: type[Adapter], values: Mapping[str, Any]) -> Any:
    try:
        return kind.Options(**values)
    except (TypeError, ValueError) as error:
        # The message of a validator may quote a credential. attrs passes the field in
        # the arguments of the exception, which is enough to name it.
        failed = next(filter(_is_field, error.args), None)
    if failed is None:
        name = kind.capabilities.provider
        raise ConfigurationError(
            f"the options of {name} do not fit together. Correct their combination"
        )
    raise ConfigurationError(
        f"{failed.name} has an invalid value ({failed.metadata[HELP]})"
    )


def _is_field(part: object) -> bool:
    """Return whether an argument of an exception is the field that failed validation."""
    return isinstance(part, attrs.Attribute) and HELP in part.metadata


def _base_url(adapter: Adapter, reader: _Reader, common: Common) -> str:
    if base_url := common.base_url or reader.text("base_url"):
        return base_url
    # Production is never a default: a bank without settings must not move real money.
    environment = common.environment or reader.text("environment") or "sandbox"
    base_url = adapter.base_url(environment)
    if base_url is None:
        known = ", ".join(adapter.capabilities.hosts) or "none"
        raise ConfigurationError(
            f"{reader.provider} has no environment {environment!r}. Use one of: {known}; "
            f"or set {reader.variable('base_url')}"
        )
    return base_url


def _http(reader: _Reader, http: object) -> HttpOptions:
    """Return the HTTP options; the environment may name the engine."""
    if http is not None and not isinstance(http, HttpOptions):
        raise ConfigurationError("http must be an HttpOptions")
    options = http or HttpOptions()
    if options.engine != "auto":  # an argument takes precedence over the environment
        return options
    own = reader.variable("http_engine")
    source = own if os.environ.get(own) else _HTTP_ENGINE
    engine = (os.environ.get(source) or "auto").strip().lower()
    if engine not in ENGINES:
        raise ConfigurationError(f"{source} must be one of {', '.join(ENGINES)}")
    if engine == options.engine:
        return options
    return attrs.evolve(options, engine=cast("EngineName", engine))


def _endpoint(
    reader: _Reader, base_url: str, timeout: float, http: HttpOptions
) -> Endpoint:
    try:
        return Endpoint.at(base_url, timeout, http)
    except ConfigurationError as error:
        source = reader.variable("base_url")
        message = f"{reader.provider}: {error} (base_url, or {source})"
    raise ConfigurationError(message)


def _throttle(adapter: Adapter, reader: _Reader, common: Common) -> Throttle | None:
    limit: Any = common.rate_limit
    declared = adapter.capabilities.limits.calls_per_minute
    if limit is UNSET:
        text = reader.text("rate_limit")
        limit = declared if text is None else _limit(reader, text)
    if isinstance(limit, Throttle):  # the caller may share a throttle between banks
        return limit.with_documented_limit(declared)
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ConfigurationError(
            "rate_limit must be a whole number of calls per minute, at least 1, or None"
        )
    return Throttle(limit)


def _overrides(reader: _Reader, argument: object) -> object:
    text = reader.text("overrides") if argument is None else None
    if text is None:
        return argument
    return parse_overrides(text, reader.variable("overrides"))


def _retries(reader: _Reader, common: Common) -> int:
    retries = reader.number("retries", common.retries, DEFAULT_RETRIES)
    if retries != int(retries):
        raise ConfigurationError("retries must be a whole number")
    return int(retries)


def _limit(reader: _Reader, text: str) -> int | None:
    is_none = text.strip().lower() == "none"
    return None if is_none else int(reader.parsed("rate_limit", text, int))
