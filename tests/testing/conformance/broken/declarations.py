"""Adapters whose declaration is wrong, and what they are asked for all the same."""

from __future__ import annotations

from attrs import evolve
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.broken.making import (
    Table,
    acme,
    asking,
    declaring,
    examined,
    featuring,
    once_made,
    repeating,
    ruled,
    ruling,
)

from anybank.declaration import SAFE, Feature, FieldRule, Limits, Support
from anybank.errors import NotFound
from anybank.model.credit import NewCreditApplication
from anybank.model.customers import NewCustomer

BROKEN: Table = {
    "skips a check that is not there": (
        "skips_have_reasons",
        lambda: examined(skips={"paging_is_nice": "it is not"}),
    ),
    "skips a check without a reason": (
        "skips_have_reasons",
        lambda: examined(skips={"times_have_a_time_zone": " "}),
    ),
    "skips a check that it passes": (
        "skips_have_reasons",
        lambda: examined(skips={"times_have_a_time_zone": "they were not, once"}),
    ),
    "declares what it lacks": (
        "declared_features_are_implemented",
        lambda: featuring(Feature.CREDENTIALS_CHECK, idempotency=SAFE),
    ),
    "implements what it does not declare": (
        "implemented_methods_are_declared",
        lambda: featuring(Feature.CUSTOMERS_LIST, support=Support.UNSUPPORTED),
    ),
    "asks for what is not there": (
        "declared_operations_succeed",
        lambda: asking(
            "get_account",
            lambda query, request: evolve(request, path="/account", query={}),
        ),
    ),
    "refuses with another error": (
        "undeclared_features_raise_unsupported",
        lambda: acme(refuse=lambda self, feature: NotFound("no")),
    ),
    "names no source of a feature": (
        "rules_cite_their_source",
        lambda: featuring(Feature.CUSTOMERS_GET, source="", idempotency=SAFE),
    ),
    "names no source of a field": (
        "rules_cite_their_source",
        lambda: ruling("middle_name", FieldRule()),
    ),
    "names no source of a limit": (
        "rules_cite_their_source",
        lambda: declaring(limits=Limits(calls_per_minute=9)),
    ),
    "misspells the name of a field": (
        "rules_name_existing_fields",
        lambda: ruling("frist_name", FieldRule(source="p")),
    ),
    "gives two fields one name": (
        "native_names_are_unique",
        lambda: ruled(NewCustomer, "last_name", native="given"),
    ),
    "declares a create safe": (
        "only_reads_are_declared_safe",
        lambda: repeating(Feature.ACCOUNTS_CREATE, "safe"),
    ),
    "forgets its declaration once it is made": (
        "class_and_instance_declare_the_same",
        lambda: once_made(lambda said: evolve(said, title="Another")),
    ),
    "declares a host without TLS": (
        "hosts_use_https",
        lambda: declaring(hosts={"sandbox": "http://acme.example"}),
    ),
    "sends no credentials": (
        "credentials_are_sent_in_headers",
        lambda: acme(authenticate=lambda self, request, credentials: request),
    ),
    "puts a credential into the URL": (
        "credentials_are_sent_in_headers",
        lambda: acme(
            authenticate=lambda self, request, credentials: evolve(
                request, query={"key": credentials.api_key.reveal()}
            ).with_headers(x_key=credentials.api_key)
        ),
    ),
    "accepts a single text in a field": (
        "accepted_fields_are_examined",
        lambda: ruled(NewCustomer, "last_name", pattern="Ada"),
    ),
    "refuses nothing once it is made": (
        "invalid_values_are_never_sent",
        lambda: once_made(lambda said: evolve(said, fields={})),
    ),
    "lets a fixed field change once it is made": (
        "forbidden_changes_are_never_sent",
        lambda: once_made(lambda said: evolve(said, fields={})),
    ),
    "takes any page size once it is made": (
        "page_size_is_capped",
        lambda: once_made(lambda said: evolve(said, limits=Limits())),
    ),
    "requires a field for a submission that the vendor does not require": (
        "submit_requires_the_declared_fields",
        lambda: ruled(NewCreditApplication, "total_annual_income", submit="required"),
    ),
    "omits a field that the vendor requires for a submission": (
        "submit_requires_no_other_fields",
        lambda: ruled(NewCreditApplication, "employment_status", submit="optional"),
    ),
    "declares a page size that the vendor refuses": (
        "declared_page_sizes_are_accepted",
        lambda: declaring(limits=evolve(ACME.limits, page_sizes=(2, 500))),
    ),
}
