"""The client: a bank behind one typed API.

The engine's module `assembly` and all that it needs are imported when the first bank is
created, so that importing this module is cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast

from .model.unset import UNSET, Unset
from .sensitive import Sensitive, shielded_async, shielded_class

if TYPE_CHECKING:
    import httpx

    from ._engine.aio_account_resources import (
        AccountNumbers,
        Accounts,
        ExternalAccounts,
    )
    from ._engine.aio_event_resources import Events, WebhookSubscriptions
    from ._engine.aio_raw_types import RawResources
    from ._engine.aio_resources import (
        Credentials,
        CreditApplications,
        CustomerAddresses,
        Customers,
        Kyc,
        Runner,
    )
    from ._engine.aio_transaction_resources import Transactions
    from ._engine.calls import Call
    from ._engine.extra_content import ExtraContent
    from ._engine.http_options import HttpOptions
    from ._engine.observation import Observer, RawResponse
    from ._engine.retry_loop import Engine
    from ._engine.throttle import Throttle
    from ._engine.timing import Timing
    from ._engine.transports.endpoint import Endpoint
    from ._engine.transports.selection import AsyncConnection
    from .adapter.base import Adapter
    from .adapter.wire import Json, Query, Response
    from .declaration.vocabulary import Capabilities
    from .errors import Issue

T = TypeVar("T")


@shielded_class
class AsyncBank:
    """A bank behind one typed API.

    `provider` is the name of an installed plugin or an Adapter class. Pass the provider's
    credentials and options as keywords, or set `ANYBANK_<PROVIDER>_<OPTION>`; a value may
    be a reference, `env:NAME` or `file:PATH`. `timeout` is in seconds. `rate_limit` is in
    calls per minute: None for no limit, a Throttle to share one limit between banks.
    `http` configures how requests are sent. `log_fields` names the JSON fields of bodies,
    by the vendor's names, that DEBUG lines of the log may show. `overrides` are the rules
    of your own program where they differ from those of the vendor's pages:
    `{"NewCustomer.first_name": {"length": (1, 80)}}`. Raises ConfigurationError.
    """

    def __init__(
        self,
        provider: str | type[Adapter],
        *,
        environment: str | None = None,
        base_url: str | None = None,
        timeout: float | Unset = UNSET,
        retries: int | Unset = UNSET,
        rate_limit: int | Throttle | None | Unset = UNSET,
        transport: httpx.AsyncBaseTransport | None = None,
        http: HttpOptions | None = None,
        timing: Timing | None = None,
        observers: Sequence[Observer] = (),
        log_fields: Collection[str] = (),
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> None:
        from ._engine import aio_assembly as parts  # noqa: PLC0415  # slow to import

        common = parts.Common(
            environment=environment,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
            rate_limit=rate_limit,
            http=http,
            timing=timing or parts.Timing(),
            observers=observers,
            log_fields=log_fields,
            overrides=overrides,
        )
        parts.require_transport(transport, http, "handle_async_request")
        engine, endpoint = parts.engine_and_endpoint(provider, common, options)
        if transport is not None:
            engine = engine.with_own_token()
        self._assemble(engine, parts.connect_async(endpoint, transport))

    @classmethod
    def _of_engine(
        cls,
        engine: Engine,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport | None,
    ) -> Self:
        """Return a bank whose settings are already resolved."""
        from ._engine import aio_assembly as parts  # noqa: PLC0415  # slow to import

        # Without __init__, which reads the arguments and the environment.
        bank = cls.__new__(cls)
        connection = parts.connect_async(endpoint, transport)
        bank._assemble(engine, connection)  # noqa: SLF001  # of this class
        return bank

    def _assemble(self, engine: Engine, connection: AsyncConnection) -> None:
        from ._engine import aio_assembly as parts  # noqa: PLC0415  # slow to import

        self._run: Runner = partial(parts.run_async, engine, connection)
        self._engine, self._connection = engine, connection
        self._calls = parts.Calls(engine.adapter, engine.timing.today)
        self._parts = parts

    @cached_property
    def customers(self) -> Customers:
        """The customers."""
        return self._parts.Customers(self._run, self._calls.customers)

    @cached_property
    def customer_addresses(self) -> CustomerAddresses:
        """The single addresses of a customer."""
        return self._parts.CustomerAddresses(self._run, self._calls.customer_addresses)

    @cached_property
    def kyc(self) -> Kyc:
        """The verification of customers."""
        return self._parts.Kyc(self._run, self._calls.kyc)

    @cached_property
    def credit_applications(self) -> CreditApplications:
        """The credit applications."""
        return self._parts.CreditApplications(
            self._run, self._calls.credit_applications
        )

    @cached_property
    def webhook_subscriptions(self) -> WebhookSubscriptions:
        """The subscriptions to events."""
        return self._parts.WebhookSubscriptions(
            self._run, self._calls.webhook_subscriptions
        )

    @cached_property
    def events(self) -> Events:
        """The events."""
        return self._parts.Events(self._run, self._calls.events)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts."""
        return self._parts.Accounts(self._run, self._calls.accounts)

    @cached_property
    def account_numbers(self) -> AccountNumbers:
        """The account numbers."""
        return self._parts.AccountNumbers(self._run, self._calls.account_numbers)

    @cached_property
    def external_accounts(self) -> ExternalAccounts:
        """The accounts at other banks."""
        return self._parts.ExternalAccounts(self._run, self._calls.external_accounts)

    @cached_property
    def transactions(self) -> Transactions:
        """The transactions."""
        return self._parts.Transactions(self._run, self._calls.transactions)

    @cached_property
    def credentials(self) -> Credentials:
        """The bank's own credentials."""
        return self._parts.Credentials(self._run, self._calls.credentials)

    def with_options(
        self,
        *,
        timeout: float | Unset = UNSET,
        retries: int | Unset = UNSET,
        extra_headers: Mapping[str, str | Sensitive] | None = None,
        extra_body: Mapping[str, Json] | None = None,
    ) -> Self:
        """Return a bank with other options that shares connections and rate limit.

        `timeout` is in seconds for each request. `extra_headers` are sent with every
        request, `extra_body` adds fields to the JSON of every write: neither replaces
        anything that the adapter sends. Closing one of the banks closes both. Raises
        ConfigurationError.
        """
        from ._engine import aio_assembly as parts  # noqa: PLC0415  # loaded already

        engine = parts.engine_with_options(
            self._engine,
            timeout=timeout,
            retries=retries,
            extra_headers=extra_headers,
            extra_body=extra_body,
        )
        return self._with_engine(engine)

    def _with_engine(self, engine: Engine) -> Self:
        """Return a bank with another engine that shares the connections."""
        bank = type(self).__new__(type(self))
        bank._assemble(engine, self._connection)  # noqa: SLF001  # of this class
        return bank

    @property
    def with_raw_response(self) -> RawResources:
        """The resources, with methods that return a RawResponse around the value."""
        raw: Any = self._parts.RawResources(self, self._run_raw)  # types are generated
        return cast("RawResources", raw)

    async def _run_raw(
        self, call: Call[T], **extra: Unpack[ExtraContent]
    ) -> RawResponse[T]:
        return await self._parts.run_raw_async(
            self._engine, self._connection, call, **extra
        )

    def _observed_by(self, observe: Callable[[RawResponse[Any]], None]) -> Self:
        """Return a bank that passes the RawResponse of each call to a function."""

        async def run(call: Call[T], /, **extra: Unpack[ExtraContent]) -> T:
            response = await self._run_raw(call, **extra)
            observe(response)
            return response.value

        bank = self._with_engine(self._engine)
        bank._run = run  # noqa: SLF001  # of this class
        return bank

    @property
    def provider(self) -> str:
        """The name of the provider."""
        return self.capabilities.provider

    @property
    def capabilities(self) -> Capabilities:
        """The capabilities that the provider's adapter declares."""
        return self._engine.adapter.capabilities

    def check(self, value: object, *, kyc_passed: bool | None = None) -> list[Issue]:
        """Return an issue for each field that would be blocked, changed, defaulted or dropped."""
        return self._calls.check(value, kyc_passed=kyc_passed)

    @shielded_async
    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Json = None,
    ) -> Response:
        """Send a request to a path below the base URL, with credentials and our errors.

        It is retried only if nothing was sent or the vendor returned 429.
        """
        return await self._run(
            self._calls.request(method, path, query or {}, headers or {}, json)
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.provider}>"
