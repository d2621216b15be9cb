"""The public names of anybank, each with the module that defines it.

The package reads this list at run time and imports a name when it is first used.
"""

from . import webhooks as webhooks
from ._engine.observation import (
    CallFinished as CallFinished,
    CallStarted as CallStarted,
    RawResponse as RawResponse,
    RequestSent as RequestSent,
    ResponseReceived as ResponseReceived,
    RetryScheduled as RetryScheduled,
)
from ._engine.throttle import Throttle as Throttle
from .adapter.wire import Request as Request, Response as Response
from .aio import AsyncBank as AsyncBank
from .client import Bank as Bank
from .declaration.adapter_status import (
    AdapterLevel as AdapterLevel,
    AdapterStatus as AdapterStatus,
)
from .declaration.idempotency import Idempotency as Idempotency
from .declaration.limits import Limits as Limits
from .declaration.read_rules import ReadRule as ReadRule
from .declaration.support import Support as Support
from .declaration.vocabulary import (
    Capabilities as Capabilities,
    FeatureRule as FeatureRule,
    FieldRule as FieldRule,
)
from .errors import (
    AlreadyExists as AlreadyExists,
    AnybankError as AnybankError,
    AuthenticationFailed as AuthenticationFailed,
    ConfigurationError as ConfigurationError,
    Conflict as Conflict,
    Effect as Effect,
    FieldNotUpdatable as FieldNotUpdatable,
    InvalidInput as InvalidInput,
    Issue as Issue,
    NotFound as NotFound,
    NotSent as NotSent,
    Outcome as Outcome,
    OutcomeUnknown as OutcomeUnknown,
    ProviderError as ProviderError,
    ProviderUnavailable as ProviderUnavailable,
    RateLimited as RateLimited,
    Rejected as Rejected,
    Remedy as Remedy,
    TransportError as TransportError,
    UnexpectedResponse as UnexpectedResponse,
    Unsupported as Unsupported,
    WebhookRejected as WebhookRejected,
)
from ._engine.http_options import HttpOptions as HttpOptions
from .model.accounts import (
    Account as Account,
    AccountKind as AccountKind,
    AccountNumber as AccountNumber,
    AccountNumberChanges as AccountNumberChanges,
    AccountNumberStatus as AccountNumberStatus,
    AccountStatus as AccountStatus,
    Balance as Balance,
    ExternalAccount as ExternalAccount,
    NewAccount as NewAccount,
    NewAccountNumber as NewAccountNumber,
)
from .model.addresses import Address as Address, AddressKind as AddressKind
from .model.bank_account_numbers import BankAccountNumber as BankAccountNumber
from .model.credentials import (
    CredentialCheck as CredentialCheck,
    TemporaryCredentials as TemporaryCredentials,
)
from .model.credit import (
    AdverseAction as AdverseAction,
    Applicant as Applicant,
    ApplicationStatus as ApplicationStatus,
    CreditApplication as CreditApplication,
    CreditApplicationChanges as CreditApplicationChanges,
    EmploymentStatus as EmploymentStatus,
    NewCreditApplication as NewCreditApplication,
)
from .model.customers import (
    Customer as Customer,
    CustomerChanges as CustomerChanges,
    CustomerStatus as CustomerStatus,
    NewCustomer as NewCustomer,
    Origin as Origin,
)
from .model.events import (
    Event as Event,
    EventKind as EventKind,
    NewWebhookSubscription as NewWebhookSubscription,
    WebhookSubscription as WebhookSubscription,
    WebhookSubscriptionChanges as WebhookSubscriptionChanges,
)
from .model.features import Feature as Feature
from .model.government_id_numbers import GovernmentIdNumber as GovernmentIdNumber
from .model.government_ids import (
    GovernmentId as GovernmentId,
    GovernmentIdKind as GovernmentIdKind,
)
from .model.kyc import (
    KycCheck as KycCheck,
    KycDocument as KycDocument,
    KycStatus as KycStatus,
    NewKycDocument as NewKycDocument,
    StartKyc as StartKyc,
)
from .model.kyc_evidence import KycEvidence as KycEvidence
from .model.missing import MissingReason as MissingReason
from .model.money import Money as Money
from .model.pages import Page as Page
from .model.phones import Phone as Phone, PhoneKind as PhoneKind
from .model.serialization import (
    from_dict as from_dict,
    json_schema as json_schema,
    to_dict as to_dict,
)
from .model.transactions import (
    Transaction as Transaction,
    TransactionKind as TransactionKind,
    TransactionStatus as TransactionStatus,
)
from .model.unset import UNSET as UNSET, Unset as Unset
from .plugins import ProviderInfo as ProviderInfo, providers as providers
from .router.aio_router import AsyncRouter as AsyncRouter
from .router.directory import (
    Directory as Directory,
    DirectoryEntry as DirectoryEntry,
    EntryState as EntryState,
    InMemoryDirectory as InMemoryDirectory,
    Location as Location,
)
from .router.health import BankHealth as BankHealth
from .router.journal_directory import JournalDirectory as JournalDirectory
from .router.router import Router as Router
from .router.sql_directory import SqlDirectory as SqlDirectory
from .sensitive import (
    DocumentLocatorNumber as DocumentLocatorNumber,
    Sensitive as Sensitive,
    Ssn as Ssn,
)

__all__: list[str]
__version__: str
