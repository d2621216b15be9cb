"""Adapters whose declaration is wrong or differs from their code."""

from __future__ import annotations

from attrs import evolve
from tests.testing.conformance.acme.declaration import ACME
from tests.testing.conformance.broken.making import (
    Table,
    broken_acme,
    subject_of,
    with_capabilities,
    with_changed_rule,
    with_feature,
    with_idempotency,
    with_instance_capabilities,
    with_request,
    with_rule,
)

from anybank.declaration import SAFE, Feature, FieldRule, Limits, Support
from anybank.errors import NotFound
from anybank.model.credit import NewCreditApplication
from anybank.model.customers import NewCustomer

BROKEN: Table = {
    "skips a check that does not exist": (
        "skips_have_reasons",
        lambda: subject_of(skips={"paging_is_nice": "it is not"}),
    ),
    "skips a check without a reason": (
        "skips_have_reasons",
        lambda: subject_of(skips={"times_have_a_time_zone": " "}),
    ),
    "skips a check that it passes": (
        "skips_have_reasons",
        lambda: subject_of(skips={"times_have_a_time_zone": "they were not, once"}),
    ),
    "declares a feature that it does not implement": (
        "declared_features_are_implemented",
        lambda: with_feature(Feature.CREDENTIALS_CHECK, idempotency=SAFE),
    ),
    "implements a feature that it does not declare": (
        "implemented_methods_are_declared",
        lambda: with_feature(Feature.CUSTOMERS_LIST, support=Support.UNSUPPORTED),
    ),
    "requests a path that does not exist": (
        "declared_operations_succeed",
        lambda: with_request(
            "get_account",
            lambda query, request: evolve(request, path="/account", query={}),
        ),
    ),
    "refuses an undeclared feature with another error": (
        "undeclared_features_raise_unsupported",
        lambda: broken_acme(refuse=lambda self, feature: NotFound("no")),
    ),
    "names no source for a feature": (
        "rules_cite_their_source",
        lambda: with_feature(Feature.CUSTOMERS_GET, source="", idempotency=SAFE),
    ),
    "names no source for a field": (
        "rules_cite_their_source",
        lambda: with_rule("middle_name", FieldRule()),
    ),
    "names no source for a limit": (
        "rules_cite_their_source",
        lambda: with_capabilities(limits=Limits(calls_per_minute=9)),
    ),
    "leaves the reason of a feature open": (
        "declared_texts_are_complete",
        lambda: with_feature(
            Feature.CUSTOMERS_GET, note="TODO: which statuses?", idempotency=SAFE
        ),
    ),
    "requires an argument that a listing does not have": (
        "rules_name_existing_fields",
        lambda: with_feature(
            Feature.ACCOUNTS_LIST, requires={"owner_id": "why"}, idempotency=SAFE
        ),
    ),
    "refuses an argument that a listing does not have": (
        "rules_name_existing_fields",
        lambda: with_feature(
            Feature.ACCOUNTS_LIST, refuses={"since": "why"}, idempotency=SAFE
        ),
    ),
    "misspells the name of a field": (
        "rules_name_existing_fields",
        lambda: with_rule("frist_name", FieldRule(source="p")),
    ),
    "gives two fields the same native name": (
        "native_names_are_unique",
        lambda: with_changed_rule(NewCustomer, "last_name", native="given"),
    ),
    "declares a create SAFE": (
        "only_reads_are_declared_safe",
        lambda: with_idempotency(Feature.ACCOUNTS_CREATE, "safe"),
    ),
    "has other capabilities as an instance than as a class": (
        "class_and_instance_declare_the_same",
        lambda: with_instance_capabilities(
            lambda declared: evolve(declared, title="Another")
        ),
    ),
    "does not say what it rests on": (
        "status_has_a_reason",
        lambda: with_capabilities(status=None),
    ),
    "declares a host without TLS": (
        "hosts_use_https",
        lambda: with_capabilities(hosts={"sandbox": "http://acme.example"}),
    ),
    "sends no credentials": (
        "credentials_are_sent_in_headers",
        lambda: broken_acme(authenticate=lambda self, request, credentials: request),
    ),
    "puts a credential into the URL": (
        "credentials_are_sent_in_headers",
        lambda: broken_acme(
            authenticate=lambda self, request, credentials: evolve(
                request, query={"key": credentials.api_key.reveal()}
            ).with_headers(x_key=credentials.api_key)
        ),
    ),
    "accepts a single text in a field": (
        "accepted_fields_are_examined",
        lambda: with_changed_rule(NewCustomer, "last_name", pattern="Ada"),
    ),
    "refuses no invalid value once instantiated": (
        "invalid_values_are_never_sent",
        lambda: with_instance_capabilities(
            lambda declared: evolve(declared, fields={})
        ),
    ),
    "accepts a change of a fixed field once instantiated": (
        "forbidden_changes_are_never_sent",
        lambda: with_instance_capabilities(
            lambda declared: evolve(declared, fields={})
        ),
    ),
    "accepts any page size once instantiated": (
        "page_size_is_capped",
        lambda: with_instance_capabilities(
            lambda declared: evolve(declared, limits=Limits())
        ),
    ),
    "declares a field required to submit that the vendor does not require": (
        "submit_requires_the_declared_fields",
        lambda: with_changed_rule(
            NewCreditApplication, "total_annual_income", submit="required"
        ),
    ),
    "does not declare a field that the vendor requires to submit": (
        "submit_requires_no_other_fields",
        lambda: with_changed_rule(
            NewCreditApplication, "employment_status", submit="optional"
        ),
    ),
    "starts another verification after a create that verifies": (
        "creates_that_verify_emulate_the_start",
        lambda: with_capabilities(
            create_verifies=True,
            features={
                **ACME.features,
                Feature.KYC_START: evolve(
                    ACME.feature(Feature.KYC_START), support=Support.EMULATED
                ),
            },
        ),
    ),
    "declares a start beside a create that verifies": (
        "creates_that_verify_emulate_the_start",
        lambda: with_capabilities(create_verifies=True),
    ),
    "declares a page size that the vendor rejects": (
        "declared_page_sizes_are_accepted",
        lambda: with_capabilities(limits=evolve(ACME.limits, page_sizes=(2, 500))),
    ),
}
