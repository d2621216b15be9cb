"""The example of a cut-over: an app is served without a pause while its customers move."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from attrs import define, field
from tests.fakes import FakeTime, home, james

from anybank import (
    AddressKind,
    AnybankError,
    Bank,
    Directory,
    DirectoryEntry,
    DocumentLocatorNumber,
    InMemoryDirectory,
    Location,
    NewCustomer,
    Router,
    SqlDirectory,
    Ssn,
    migrate,
)
from anybank.adapter.wire import Request, Response
from anybank.migrate import Side
from anybank.sandbox.faults import Faults, FaultyBank
from anybank.sandbox.transport import SimulatorTransport
from anybank_bond.simulator import BondSimulator
from anybank_increase.simulator import IncreaseSimulator
from anybank_sonder.simulator import SonderSimulator

EXAMPLE = Path(__file__).parents[2] / "docs/examples/two_banks.py"
NAMES = ("Ada", "Bea", "Cleo", "Dora", "Edith", "Flora", "Greta", "Hanna", "Zoe")
USERS = 8


@pytest.fixture(scope="module")
def app() -> Any:
    """Return the example as a module."""
    spec = importlib.util.spec_from_file_location("two_banks", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def person(number: int) -> NewCustomer:
    """Return the person of a user, whom both banks accept."""
    return james(
        first_name=NAMES[number % len(NAMES)],
        middle_name="May",
        last_name="Sample",
        ssn=Ssn(f"912-45-{6000 + number}"),
        document_locator_number=DocumentLocatorNumber(str(900_000 + number)),
        addresses=[home(kind=AddressKind.PHYSICAL)],
    )


@define
class Banks:
    """Both simulated banks; every client of one shares its transport."""

    simulators: dict[str, Any] = field(
        factory=lambda: {"bond": BondSimulator(), "sonder": SonderSimulator()}
    )
    networks: dict[str, FaultyBank] = field(init=False)
    transports: dict[str, SimulatorTransport] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.networks = {
            name: Faults({}).around(bank) for name, bank in self.simulators.items()
        }
        self.transports = {
            name: SimulatorTransport(bank) for name, bank in self.networks.items()
        }

    def options(self, name: str) -> dict[str, Any]:
        return {
            **self.simulators[name].credentials,
            "transport": self.transports[name],
            "rate_limit": None,
            "timing": FakeTime().timing(),
        }

    def router(self, directory: Directory, default: str) -> Router:
        banks = {name: Bank(name, **self.options(name)) for name in self.simulators}
        return Router(banks, directory=directory, default=default)

    def migrate(self, folder: Path) -> Path:
        """Copy the customers of Bond to Sonder, and return the crosswalk."""
        sides = [Side(name, self.options(name)) for name in ("bond", "sonder")]
        journal, crosswalk = folder / "move.db", folder / "crosswalk.csv"
        vault = self._vault(folder / "vault.csv")
        migrate.plan(*sides, journal=journal, supplement=vault, accept_loss="all")
        both: dict[str, Any] = {
            "journal": journal,
            "source": sides[0],
            "target": sides[1],
        }
        migrate.apply(**both)
        migrate.verify(**both)
        migrate.crosswalk(journal=journal, csv=crosswalk)
        return crosswalk

    def _vault(self, path: Path) -> Path:
        """Write what Bond masks or does not return, as the app's own store has it."""
        with Bank("bond", **self.options("bond")) as bank:
            rows = [
                f"{customer.id},{person(number).ssn.reveal()},{900_000 + number}"  # type: ignore[union-attr]
                for customer in bank.customers.list()
                for number in [int((customer.external_id or "").split("-")[1])]
            ]
        header = "source_id,ssn,document_locator_number"
        path.write_text("\n".join([header, *rows, ""]))
        return path


@define
class Traffic:
    """The users of the app, who never pause."""

    app: Any
    router: Router
    failures: list[BaseException] = field(factory=list)
    emails: dict[str, str] = field(factory=dict)
    calls: dict[str, int] = field(factory=lambda: defaultdict(int))
    done: Event = field(factory=Event)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Let each user read the profile and change the e-mail address all the time."""
        threads = [
            Thread(target=self._use, args=(f"user-{number}",))
            for number in range(USERS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.done.set()
            for thread in threads:
                thread.join()

    def _use(self, user_id: str) -> None:
        round_number = 0
        try:
            while not self.done.is_set():
                round_number += 1
                email = f"{user_id}.{round_number}@example.com"
                self.app.change_email(self.router, user_id, email)
                self.emails[user_id] = email
                stored = self.app.profile(self.router, user_id).emails
                assert stored == (email,), "a user reads what the user wrote last"
                self.calls[user_id] += 2
        except BaseException as error:  # noqa: BLE001  # shown by the test
            self.failures.append(error)


def test_no_call_is_lost_while_the_customers_move(app: Any, tmp_path: Path) -> None:
    """Every user reads what was written last, before, during and after the cut-over."""
    banks = Banks()
    directory = SqlDirectory(f"sqlite:///{tmp_path}/where.db")
    with banks.router(directory, "bond") as router:
        ids = {
            f"user-{number}": app.sign_up(router, f"user-{number}", person(number)).id
            for number in range(USERS)
        }
    with banks.router(directory, "sonder") as router:
        traffic = Traffic(app, router)
        with traffic.flowing():
            crosswalk = banks.migrate(tmp_path)
            before = dict(traffic.calls)
            app.sign_up(router, "user-99", person(99))
            assert app.cut_over(router, crosswalk, "bond", "sonder") == {}
            at_the_cut = dict(traffic.calls)
            _wait_for_calls(traffic, at_the_cut)
        assert traffic.failures == []
        assert all(traffic.calls[user] > before.get(user, 0) for user in ids)
        for user_id, old_id in ids.items():
            now = router.locate(user_id)
            assert now.provider == "sonder"
            assert router.customers.get(user_id).emails == (traffic.emails[user_id],)
            assert router.key_of("bond", old_id) is None
        listed = [customer.id for customer in router.customers.list()]
        assert len(listed) == len(set(listed)) == USERS + 1
        assert set(listed) == set(banks.simulators["sonder"].customer_ids)


def _wait_for_calls(traffic: Traffic, earlier: dict[str, int]) -> None:
    """Return once each user has been served again, or a call has failed."""
    users = [f"user-{number}" for number in range(USERS)]
    while not traffic.failures and any(
        traffic.calls[user] <= earlier.get(user, 0) for user in users
    ):
        Event().wait(0.001)


def test_a_cut_over_can_be_repeated(app: Any, tmp_path: Path) -> None:
    """A second run moves nobody, and names the copies of users who have left."""
    banks = Banks()
    directory = InMemoryDirectory()
    with banks.router(directory, "bond") as router:
        for number in range(3):
            app.sign_up(router, f"user-{number}", person(number))
        crosswalk = banks.migrate(tmp_path)
        router.customers.delete("user-1")
        [left] = app.cut_over(router, crosswalk, "bond", "sonder")
        places = {key: router.locate(key) for key in ("user-0", "user-2")}
        assert [*app.cut_over(router, crosswalk, "bond", "sonder")] == [left]
        assert {key: router.locate(key) for key in places} == places
        assert Location("sonder", left) not in places.values()


def test_only_customers_of_the_new_bank_are_moved(app: Any, tmp_path: Path) -> None:
    """A person whom the new bank does not have as a customer stays at the old one."""
    banks = Banks()
    with banks.router(InMemoryDirectory(), "bond") as router:
        old = app.sign_up(router, "user-1", person(1)).id
        crosswalk = tmp_path / "crosswalk.csv"
        absent = "SU00000000000000000000000000000000"
        crosswalk.write_text(f"source_id,target_id\n{old},{absent}\n")
        staying = app.cut_over(router, crosswalk, "bond", "sonder")
        assert staying == {absent: "the new bank has not accepted this person"}
        assert router.locate("user-1") == Location("bond", old)


def test_a_sign_up_with_a_lost_answer_creates_one_customer(app: Any) -> None:
    """The app looks before it creates again."""
    banks = Banks()
    with banks.router(InMemoryDirectory(), "bond") as router:
        banks.networks["bond"].schedule("lost")
        customer = app.sign_up(router, "user-1", person(1))
        assert router.locate("user-1") == Location("bond", customer.id)
        assert [item.id for item in router.customers.list()] == [customer.id]
    with Bank("bond", **banks.options("bond")) as bank:
        assert len(bank.customers.list().to_list()) == 1


def test_a_sign_up_that_did_not_arrive_is_repeated_under_its_key(app: Any) -> None:
    """At a bank with idempotency keys a late first request creates no second customer."""
    simulator = IncreaseSimulator()
    network = Faults({}, seed=0).around(simulator)  # the 500 comes before the create
    keys: list[str] = []

    def watched(request: Request) -> Response:
        if request.method == "POST":
            headers = {name.lower(): text for name, text in request.headers.items()}
            keys.append(str(headers["idempotency-key"]))
        return network(request)

    bank = Bank(
        "increase",
        transport=SimulatorTransport(watched),
        rate_limit=None,
        retries=0,
        timing=FakeTime().timing(),
        **simulator.credentials,
    )
    with Router({"increase": bank}, directory=InMemoryDirectory()) as router:
        new = NewCustomer(
            first_name="Ada",
            last_name="Sample",
            date_of_birth=person(1).date_of_birth,
            ssn=Ssn("912-45-6001"),
            addresses=[home()],
        )
        network.schedule("500")
        app.sign_up(router, "user-1", new)
        assert len(bank.customers.list().to_list()) == 1
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_move_that_cannot_succeed_is_no_endless_loop(app: Any) -> None:
    """A copy that another user has is reported."""
    banks = Banks()
    with banks.router(InMemoryDirectory(), "bond") as router:
        app.sign_up(router, "user-1", person(1))
        other = router.customers.create(person(2), key="user-2", provider="sonder")
        with pytest.raises(AnybankError, match="another key"):
            app.move(router, "user-1", "sonder", other.id)


def test_a_change_between_the_copy_and_the_move_arrives(app: Any) -> None:
    """The move is refused, and the copy made again."""
    banks = Banks()

    class Busy(InMemoryDirectory):
        is_busy = False

        def replace(self, old: DirectoryEntry, new: DirectoryEntry, /) -> bool:
            if self.is_busy:
                self.is_busy = False
                app.change_email(router, "user-1", "late@example.com")
            return super().replace(old, new)

    directory = Busy()
    with banks.router(directory, "bond") as router:
        app.sign_up(router, "user-1", person(1))
        with Bank("sonder", **banks.options("sonder")) as bank:
            copy = bank.customers.create(person(1), accept_loss="all").id
        directory.is_busy = True
        app.move(router, "user-1", "sonder", copy)
        assert router.locate("user-1") == Location("sonder", copy)
        assert app.profile(router, "user-1").emails == ("late@example.com",)
