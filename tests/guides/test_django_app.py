"""The example app on Django, tested with Django's test client and `anybank_sandbox`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes import james

from anybank import KycStatus, to_dict

if TYPE_CHECKING:
    from anybank.testing.sandbox import Sandbox, SandboxFactory

django = pytest.importorskip("django", reason="the group `dev` installs Django")

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
PROGRAM = "b50063df-0b39-43f7-9458-25b08a75d42a"
SIGN_UP = to_dict(james(), reveal=True)


@pytest.fixture(scope="module", autouse=True)
def _project() -> Iterator[None]:
    """Set Django up with the example's settings and an empty database in memory."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(EXAMPLES))
    patch.setenv("DJANGO_SETTINGS_MODULE", "django_app.settings")
    django.setup()
    command: Any = importlib.import_module("django.core.management")
    command.call_command("migrate", run_syncdb=True, verbosity=0)
    yield
    patch.undo()
    for name in [name for name in sys.modules if name.startswith("django_app")]:
        del sys.modules[name]


class App:
    """The app over a sandbox, which delivers to the app's view."""

    def __init__(self, sandbox: Sandbox) -> None:
        apps: Any = importlib.import_module("django.apps")
        conf: Any = importlib.import_module("django.conf")
        test: Any = importlib.import_module("django.test")
        self.sandbox = sandbox
        self.client = test.Client()
        self.models = importlib.import_module("django_app.models")
        self.models.Customer.objects.all().delete()
        self.models.ProcessedEvent.objects.all().delete()
        apps.apps.get_app_config("django_app").bank = sandbox.bank
        conf.settings.BANK_PROGRAM_ID = PROGRAM
        conf.settings.BANK_WEBHOOK_SECRET = sandbox.deliver_to(self.receive)

    def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        answer = self.client.post(
            "/webhooks", body, content_type="application/json", headers=headers
        )
        return int(answer.status_code)

    def sign_up(self, **changes: Any) -> Any:
        return self.client.post(
            "/customers", {**SIGN_UP, **changes}, content_type="application/json"
        )

    def kyc(self, key: str) -> str:
        return str(self.client.get(f"/customers/{key}").json()["kyc"])


@pytest.mark.parametrize("outcome", [KycStatus.PASSED, KycStatus.FAILED])
def test_a_customer_signs_up_and_the_app_learns_the_outcome(
    anybank_sandbox: SandboxFactory, outcome: KycStatus
) -> None:
    """The outcome reaches the app as a signed delivery, even if it comes twice."""
    twice = {"duplicate_deliveries": True}
    app = App(anybank_sandbox("bond", kyc=outcome, switches=twice))
    answer = app.sign_up()
    assert answer.status_code == 201, answer.content
    assert app.sandbox.deliver() == [200] * 4
    assert app.kyc(answer.json()["key"]) == f"kyc_{outcome}"


def test_a_lost_response_creates_one_customer(anybank_sandbox: SandboxFactory) -> None:
    """The app looks for the customer instead of creating a second one."""
    app = App(anybank_sandbox("bond"))
    app.sandbox.faults.schedule("lost")
    key = app.sign_up().json()["key"]
    (customer,) = app.sandbox.bank.customers.list()
    assert app.models.Customer.objects.get(key=key).bank_customer_id == customer.id


def test_a_customer_whom_the_bank_rejects_gets_422(
    anybank_sandbox: SandboxFactory,
) -> None:
    """The response names the field, and neither the bank nor the app has the customer."""
    app = App(anybank_sandbox("bond"))
    answer = app.sign_up(addresses=[])
    assert answer.status_code == 422, answer.content
    assert answer.json()["issues"][0]["field"] == "addresses"
    assert list(app.sandbox.bank.customers.list()) == []
    assert not app.models.Customer.objects.exists()


def test_a_forged_delivery_gets_400(anybank_sandbox: SandboxFactory) -> None:
    """Anybody may post to the view; only the bank's events count."""
    assert App(anybank_sandbox("bond")).receive({}, b"{}") == 400


def test_the_database_has_no_personal_data(anybank_sandbox: SandboxFactory) -> None:
    """The app's tables contain ids and states, and nothing that names the customer."""
    app = App(anybank_sandbox("bond"))
    app.sign_up()
    rows = repr(list(app.models.Customer.objects.values()))
    assert SIGN_UP["ssn"] not in rows
    assert SIGN_UP["last_name"] not in rows
