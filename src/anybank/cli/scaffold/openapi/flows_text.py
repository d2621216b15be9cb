"""Flows as Python: the request of each feature, and how to read its response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs
from attrs import frozen

from ....model.features import Feature
from ....model.operations import QUESTIONS
from .features import Guess
from .identifiers import joined
from .python_text import call, comment, safe, signature, text
from .records_text import RecordText
from .resources import DocumentedRecord
from .wire_classes import WireClass

VALUES: Mapping[str, str] = {
    "customers": "Customer",
    "accounts": "Account",
    "account_numbers": "AccountNumber",
    "external_accounts": "ExternalAccount",
    "transactions": "Transaction",
    "webhook_subscriptions": "WebhookSubscription",
    "events": "Event",
    "kyc": "KycCheck",
}
"""The value of each group of features."""


def value_of(feature: Feature) -> str:
    """Return the name of the value that a feature returns."""
    group, _, verb = feature.value.partition(".")
    return "Balance" if verb == "balance" else VALUES[group]


@frozen(kw_only=True)
class FlowText:
    """A feature with what is known of its operation.

    `record` says how its records are read, if they can be. `body` is the expression of the
    request body.
    """

    guess: Guess
    resource: DocumentedRecord | None
    wire: WireClass | None
    record: RecordText | None
    body: str

    @property
    def feature(self) -> Feature:
        """The feature."""
        return self.guess.feature

    @property
    def value(self) -> str:
        """The name of the value that the flow returns."""
        return value_of(self.feature)

    @property
    def verb(self) -> str:
        """The last part of the feature's name."""
        return self.guess.verb

    def render(self) -> str:
        """Return the method of the adapter."""
        question = QUESTIONS[self.feature]
        kind = self.value
        returned = {"list": f"Page[{kind}]", "delete": "None"}.get(self.verb, kind)
        parameters = ["self", f"query: ask.{question.__name__}"]
        head = signature(question.method, parameters, f"Flow[{returned}]", 4)
        lines = [head, f'        """{safe(self.guess.operation.title)}."""']
        if self.guess.others:
            others = ", ".join(it.title for it in self.guess.others)
            lines.append(comment(f"TODO: or {safe(others)}.", 8))
        if self.body == "{}":
            lines.append(comment("TODO: write the body.", 8))
        return "\n".join([*lines, *self._steps()])

    def _steps(self) -> Iterator[str]:
        if self.verb == "delete":
            yield self._request("yield ")
            return
        short = self._flow_of_resource()
        if short:
            yield short
            return
        yield self._request("response = yield ")
        if self.record is None or self.resource is None:
            yield comment(f"TODO: build the {self.value} from {self._source()}.", 8)
            yield "        raise NotImplementedError(response.status)"
            return
        place = "response.json()"
        if self.resource.envelope:
            place = f"member(response.json(), {text(self.resource.envelope)})"
        reader = self.record.reader
        if self.verb == "list" and self.resource.is_list:
            yield comment("TODO: the filters, page_size and the token of a page.", 8)
            yield f"        return {call(f'{reader}.each', [place], 8, 15)}"
            return
        yield f"        raw = {place}"
        if self.verb == "list" or self.resource.is_list:
            yield comment(f"TODO: where is the list in {self._source()}?", 8)
            yield f"        records = [{reader}.read(raw)]"
            is_page = self.verb == "list"
            yield f"        return {'Page(records)' if is_page else 'records[0]'}"
            return
        read = "created" if self.verb == "create" else "read"
        yield f"        return {reader}.{read}(raw)"

    def _flow_of_resource(self) -> str:
        """Return the statement of a flow that a Resource has, or nothing."""
        record, resource, operation = self.record, self.resource, self.guess.operation
        if record is None or resource is None or not record.path:
            return ""
        if self.verb == "list":
            is_its_own = operation.path == record.path and resource.is_list
            if not is_its_own or not record.is_json_api:
                return ""
            note = comment("TODO: the filters.", 8)
            return f"{note}\n        return {record.constant}.list(query)"
        if resource.is_list or resource.envelope != record.envelope:
            return ""
        arguments = self._arguments_of_resource(record.path)
        if arguments is None:
            return ""
        name, *values = arguments
        lead = f"        return {record.constant}."
        return f"{lead}{call(name, values, 8, len(lead))}"

    def _arguments_of_resource(self, path: str) -> list[str] | None:
        """Return the method of a Resource and its arguments."""
        operation = self.guess.operation
        method, rest = operation.method, operation.path.removeprefix(path)
        question = {it.name for it in attrs.fields(QUESTIONS[self.feature])}
        if rest == operation.path:
            return None
        if not rest and method == "POST":
            return ["create", self.body]
        record, _, action = rest.removeprefix("/").partition("/")
        if (
            not record.startswith("{")
            or not record.endswith("}")
            or "id" not in question
        ):
            return None
        if not action:
            usual = {
                "GET": ["get", "query.id"],
                "PATCH": ["update", "query.id", self.body],
            }
            return usual.get(method)
        is_act = method == "POST" and re.fullmatch(r"[\w-]+", action, re.ASCII)
        body = [self.body] if self.body else []
        return ["act", "query.id", text(action), *body] if is_act else None

    def _source(self) -> str:
        return self.wire.name if self.wire else "the response"

    def _request(self, lead: str) -> str:
        operation = self.guess.operation
        arguments = [path_text(operation.path, self.feature)]
        if operation.method in ("POST", "PUT", "PATCH") and self.body:
            arguments.append(self.body)
        name = f"{operation.method.lower()}("
        flat = f"        {lead}{name}{', '.join(arguments)})"
        if len(flat) <= 88:
            return flat
        inner = f"            {', '.join(arguments)}"
        if len(inner) > 88 and len(arguments) > 1:
            inner = "\n".join(f"            {it}," for it in arguments)
        return f"        {lead}{name}\n{inner}\n        )"


def path_text(path: str, feature: Feature) -> str:
    """Return a path as an f-string in which the ids of the question are quoted."""
    question = QUESTIONS[feature]
    fields = {it.name: str(it.type) for it in attrs.fields(question)}
    own = next((it for it in ("id", "customer_id", "account_id") if it in fields), None)
    parameters = re.findall(r"\{([^}]*)\}", path)
    parts = []
    for piece in re.split(r"(\{[^}]*\})", path):
        if not piece.startswith("{"):
            parts.append(re.sub(r"[^\w/.~:@!$&'()*+,;=%-]", "-", piece, flags=re.ASCII))
        elif own and piece[1:-1] == parameters[-1]:
            may_be_none = " or ''" if "None" in fields[own] else ""
            parts.append(f"{{segment(query.{own}{may_be_none})}}")
        elif "account" in joined(piece) and "account_id" in fields:
            parts.append("{segment(query.account_id or '')}")
        else:
            parts.append(f"TODO-{'-'.join(re.findall('[a-z0-9]+', piece.lower()))}")
    whole = "".join(parts)
    return f'f"{whole}"' if "{" in whole else f'"{whole}"'
