"""Onboard a customer: sign up, verify, open an account, see money arrive, and close.

The program runs unchanged at every bank that has what it needs. Only the environment names
the bank: ONBOARDING_BANK, the options of that bank (ANYBANK_BOND_IDENTITY, ...), and
ONBOARDING_PROGRAM_ID where customers are verified for a program. The bank delivers its
webhooks to ONBOARDING_URL, which reaches ONBOARDING_PORT of this machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from uuid import uuid4

from anybank import (
    Account,
    AccountKind,
    Address,
    AddressKind,
    AnybankError,
    Bank,
    BankAccountNumber,
    Customer,
    Event,
    EventKind,
    KycStatus,
    Money,
    NewAccount,
    NewAccountNumber,
    NewCustomer,
    NewWebhookSubscription,
    Phone,
    Sensitive,
    Ssn,
    StartKyc,
    Transaction,
    TransactionStatus,
    WebhookRejected,
    WebhookSubscription,
    webhooks,
)

NEEDED = (
    *("customers.create", "kyc.start", "kyc.get"),
    *("accounts.create", "accounts.balance", "accounts.close"),
    *("transactions.get", "transactions.list"),
    *("webhooks.verify", "webhook_subscriptions.create"),
)
"""What this app does with a bank."""

OPTIONAL = {"external_id", "emails", "phones"}
"""The fields that this app can do without, where a bank does not store them."""

MONEY_MOVED = (EventKind.TRANSACTION_CREATED, EventKind.TRANSACTION_UPDATED)


def main() -> None:
    """Tell the whole story at the bank that the environment names."""
    program_id = os.environ.get("ONBOARDING_PROGRAM_ID")
    with Bank(os.environ["ONBOARDING_BANK"]) as bank:
        bank.capabilities.require(*NEEDED)
        inbox = Inbox(bank.provider)
        with listening(inbox) as url:
            subscription = subscribe(bank, url)
            inbox.secret = subscription.secret

            customer = sign_up(bank, program_id)
            show(f"customer {customer.id} is verified")
            account = open_account(bank, customer, program_id)
            show(f"account {account.id} is open: {number_of(bank, account)}")

            for transaction in arriving(bank, inbox, account):
                show(f"{transaction.amount} {transaction.description}")
                if bank.accounts.balance(account.id).current == Money(0):
                    break  # the money has come and gone

            close(bank, account)
            bank.webhook_subscriptions.delete(subscription.id)


def subscribe(bank: Bank, url: str) -> WebhookSubscription:
    """Subscribe the endpoint to transactions. The subscription has the secret."""
    new = NewWebhookSubscription(url=url, events=MONEY_MOVED)
    return bank.webhook_subscriptions.create(new)


def sign_up(bank: Bank, program_id: str | None) -> Customer:
    """Create a customer, and return the customer once verified."""
    home = Address(
        line1="1 Test St.",
        city="Reno",
        state="NV",
        postal_code="89501",
        country="US",
        kind=AddressKind.PHYSICAL,
    )
    new = NewCustomer(
        first_name="Ada",
        last_name="Sample",
        date_of_birth=date(1990, 4, 1),
        ssn=Ssn("123-45-6789"),
        emails=["ada@example.com"],
        phones=[Phone("+12015550123")],
        addresses=[home],
        external_id=str(uuid4()),  # your own id: with it a lost create is found again
    )
    for issue in bank.check(new):
        show(f"note: {issue}")
    customer = bank.customers.create(new, accept_loss=OPTIONAL)
    # Where the create has started the verification already, this sends nothing.
    bank.kyc.start(customer.id, StartKyc(program_id=program_id))
    # A bank may take days. An app would return here and wait for the event.
    check = bank.kyc.wait(customer.id, program_id=program_id)
    if check.status is not KycStatus.PASSED:
        sys.exit(f"customer {customer.id} is not verified: {check.status}")
    return customer


def open_account(bank: Bank, customer: Customer, program_id: str | None) -> Account:
    """Open an account for deposits."""
    new = NewAccount(
        customer_ids=[customer.id],
        kind=AccountKind.DEPOSIT,
        name="Everyday",
        program_id=program_id,
    )
    return bank.accounts.create(new)


def number_of(bank: Bank, account: Account) -> BankAccountNumber | None:
    """Return the number to which an employer pays; some banks have to be asked for one."""
    has_numbers = bank.capabilities.supports("account_numbers.create")
    if account.account_number is not None or not has_numbers:
        return account.account_number
    new = NewAccountNumber(account_id=account.id, name="Payroll")
    return bank.account_numbers.create(new).number


def arriving(bank: Bank, inbox: Inbox, account: Account) -> Iterator[Transaction]:
    """Yield each transaction that is posted to an account, when its event arrives."""
    known: set[str] = set()
    while True:
        event = inbox.events.get()
        if event.kind not in MONEY_MOVED or event.transaction_id is None:
            continue
        # An event says that something happened. The transaction says what.
        transaction = bank.transactions.get(event.transaction_id)
        is_posted = transaction.status is TransactionStatus.POSTED
        is_new = transaction.id not in known
        if is_posted and is_new and transaction.account_id == account.id:
            known.add(transaction.id)
            yield transaction


def close(bank: Bank, account: Account) -> None:
    """Show the statement of an account, and close the account."""
    for transaction in bank.transactions.list(account_id=account.id):
        show(f"{transaction.occurred_at:%Y-%m-%d} {transaction.amount}")
    closed = bank.accounts.close(account.id)
    show(f"account {closed.id} is {closed.status}")


class Inbox:
    """The webhook endpoint: it verifies each delivery, and passes on each event once."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.secret: Sensitive | None = None
        self.events: SimpleQueue[Event] = SimpleQueue()
        self._received: set[str] = set()  # in production: a table with a unique column

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """Return the status with which to answer a delivery."""
        if self.secret is None:
            return 503  # not subscribed yet: the bank delivers again
        try:
            events = webhooks.verify_all(
                self.provider, headers, body, secret=self.secret
            )
        except WebhookRejected:
            return 400
        for event in events:
            if event.dedupe_key not in self._received:
                self._received.add(event.dedupe_key)
                self.events.put(event)
        return 200


@contextmanager
def listening(inbox: Inbox) -> Iterator[str]:
    """Serve the endpoint on this machine, and yield the URL at which the bank reaches it."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(inbox.receive(dict(self.headers), body))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing; your app logs with its own tools."""

    port = int(os.environ.get("ONBOARDING_PORT", "0"))
    with ThreadingHTTPServer(("127.0.0.1", port), Endpoint) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            local = f"http://127.0.0.1:{server.server_port}/"
            yield os.environ.get("ONBOARDING_URL", local)
        finally:
            server.shutdown()


def show(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main()
    except AnybankError as error:
        sys.exit(f"{type(error).__name__}: {error}")
