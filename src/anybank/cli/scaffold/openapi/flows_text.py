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
from .python_text import comment, safe, signature, text
from .resources import Resource
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


@frozen(kw_only=True)
class FlowText:
    """A feature with what is known of its operation.

    `builder` is the function that builds our value, or empty. `body` is the expression of
    the request body.
    """

    guess: Guess
    resource: Resource | None
    wire: WireClass | None
    builder: str
    body: str

    @property
    def feature(self) -> Feature:
        """The feature."""
        return self.guess.feature

    @property
    def value(self) -> str:
        """The name of the value that the flow returns."""
        group, _, verb = self.feature.value.partition(".")
        return "Balance" if verb == "balance" else VALUES[group]

    @property
    def verb(self) -> str:
        """The last part of the feature's name."""
        return self.feature.value.partition(".")[2]

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
        return "\n".join([*lines, *self._steps()])

    def _steps(self) -> Iterator[str]:
        if self.verb == "delete":
            yield self._request("yield ")
            return
        yield self._request("response = yield ")
        if not self.builder or self.wire is None or self.resource is None:
            yield comment(f"TODO: build the {self.value} from {self._source()}.", 8)
            yield "        raise NotImplementedError(response.status)"
            return
        place = "response.json()"
        if self.resource.envelope:
            place = f"member(response.json(), {text(self.resource.envelope)})"
        if self.verb == "list" and self.resource.is_list:
            yield comment("TODO: the filters, page_size and the token of a page.", 8)
            yield f"        records = {place}"
            yield f"        return read_each(records, {self.wire.name}, {self.builder})"
            return
        yield f"        raw = {place}"
        if self.verb == "list" or self.resource.is_list:
            yield comment(f"TODO: where is the list in {self.wire.name}?", 8)
            yield f"        records = [{self._built()}]"
            yield (
                "        return Page(records)"
                if self.verb == "list"
                else ("        return records[0]")
            )
            return
        if self.verb == "create":
            yield f"        return read_created(raw, {self.wire.name}, {self.builder})"
            return
        yield f"        return {self._built()}"

    def _built(self) -> str:
        wire = self.wire.name if self.wire else ""
        return f"{self.builder}(read(raw, {wire}), raw)"

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
