"""The files of a package as text, except for those that every new package has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from ..names import Names
from .flows_text import FlowText
from .imports import IMPORTS
from .python_text import call, comment, literal, safe, signature, text, with_imports
from .records_text import BodyText, RecordText
from .rules_text import whole_pattern
from .security import Security
from .wire_classes import WireClass, WireField

_MEMBER = '''

def member(body: Json, name: str) -> Json:
    """Return a member of a response. Raises UnexpectedResponse if there is none."""
    if not isinstance(body, dict) or name not in body:
        raise UnexpectedResponse(f"the response has no {name}", path="$")
    return body[name]
'''
_RECORD = (
    "# A record that the document allows. TODO: that of a person, as the pages show it."
)


@frozen(kw_only=True)
class ModuleTexts:
    """What the files of a package are written from."""

    names: Names
    title: str
    hosts: Mapping[str, str]
    hosts_note: str
    security: Security
    flows: Sequence[FlowText]
    live: FlowText | None
    sample: Any
    functions: Sequence[str]
    classes: str
    records: Sequence[RecordText]
    bodies: Sequence[BodyText]

    @property
    def near(self) -> Mapping[str, str]:
        """The module of each name of the package itself."""
        wire = _defined(self.classes) | {"member", "PAGE"}
        records = [it.constant for it in self.records]
        return {
            **dict.fromkeys(wire, ".wire"),
            **dict.fromkeys(records, ".records"),
            **dict.fromkeys((it.function for it in self.bodies), ".records"),
            self.constant: ".declaration",
            f"{self.names.kind}Options": ".declaration",
            self.names.kind: ".adapter",
            f"{self.names.kind}Simulator": ".simulator",
        }

    @property
    def constant(self) -> str:
        """The name of the capabilities."""
        return self.names.module.upper()

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the text of each file."""
        package = f"src/anybank_{self.names.module}"
        yield "README.md", self._readme()
        yield f"tests/test_{self.names.module}.py", self._tests()
        modules = (
            (
                "wire",
                "The JSON of the vendor: one class for each schema.",
                self._wire(),
            ),
            (
                "records",
                "The records of the vendor: how they are read, and the bodies of requests.",
                self._records(),
            ),
            ("declaration", "The options and the features.", self._declaration()),
            (
                "adapter",
                "The adapter: what it sends, and how it reads what the vendor returns.",
                self._adapter(),
            ),
            (
                "skeletons",
                "Flows to complete: move each one to the adapter, then delete it here.",
                self._skeletons(),
            ),
            (
                "simulator",
                "The vendor in memory; complete it by its pages.",
                self._simulator(),
            ),
            ("conformance", "The conformance tests.", self._conformance()),
        )
        for name, docstring, body in modules:
            own = {
                key: module for key, module in self.near.items() if module != f".{name}"
            }
            # Elsewhere `wire` is the name of a parameter.
            own |= {"wire": "."} if name == "declaration" else {}
            yield (
                f"{package}/{name}.py",
                with_imports(docstring, body, {**IMPORTS, **own}),
            )

    def _readme(self) -> str:
        provider, module = self.names.provider, f"anybank_{self.names.module}"
        return f"""# anybank-{provider}

The {self.names.title} plugin for anybank, one typed Python API for any banking-as-a-service vendor.

```
python -m pip install --upgrade "pip>=25.1"
pip install --editable . --group dev
python -m pytest
anybank capabilities {provider}
```

The files were written from {safe(self.title)} (`openapi.json`). What was guessed is marked TODO.

1. Correct `src/{module}/wire.py`: which member is which of our fields, its rule, and how it is read.
2. Correct `src/{module}/records.py`: what no single member says, such as an amount with its sign.
3. Move one flow from `src/{module}/skeletons.py` to `src/{module}/adapter.py`, set its feature to `full(PAGE)` in `src/{module}/declaration.py`, and add its route to `src/{module}/simulator.py`.
4. Run the tests, and repeat step 3. The check `declared_texts_are_complete` lists what is left.

The tutorial "Adding a vendor" in anybank's documentation explains each step.
"""

    def _tests(self) -> str:
        name, module = self.names.kind, f"anybank_{self.names.module}"
        return f'''"""The adapter satisfies its declaration, and the vendor's document."""

from __future__ import annotations

from {module}.conformance import {name}Conformance


class Test{name}({name}Conformance):
    """Runs each check of the conformance kit as a test."""
'''

    def _wire(self) -> str:
        functions = "".join(f"{it}\n\n\n" for it in self.functions)
        sources = comment(
            "TODO: cite the pages that describe each rule, where there are any."
        )
        page = f"PAGE = {text(safe(self.title) + ', OpenAPI document')}"
        return f"{sources}\n{page}\n\n\n{functions}{self.classes}\n{_MEMBER}"

    def _records(self) -> str:
        records = [it.render() for it in self.records]
        texts = [*records, *(it.render() for it in self.bodies)]
        # A function has two empty lines before it.
        return "\n".join(f"\n\n{it}" if it.startswith("def ") else it for it in texts)

    def _declaration(self) -> str:
        features = "\n".join(self._features())
        note = f"{self.hosts_note}\n" if self.hosts_note else ""
        return f'''
# The flows of the features that are not implemented are in skeletons.py.
FEATURES = feature_rules(
    {{
{features}
    }}
)

{self.constant} = Capabilities(
    provider={text(self.names.provider)},
    title={text(self.names.title)},
    status=AdapterStatus(
        AdapterLevel.DOCUMENTED,
        "TODO: say what the adapter rests on, and as of when",
        as_of=date(2026, 1, 1),
    ),
{note}    hosts={literal(dict(self.hosts), 4, 6)},
    features=FEATURES,
    fields=rules_of(wire),
    reads=read_rules_of(wire),
    limits=Limits(calls_source="TODO: the page with the rate limit, and its number"),
)


@frozen(kw_only=True)
class {self.names.kind}Options:
    """The options of `Bank({text(self.names.provider)}, ...)`."""

{self.security.options}
'''

    def _features(self) -> Iterator[str]:
        for flow in self.flows:
            lead = f"        {text(flow.feature.value)}: "
            rule = "full(PAGE)"
            if not self._is_live(flow):
                operation = text(f"TODO: {safe(flow.guess.operation.title)}")
                rule = call("not_implemented", ["PAGE", operation], 8, len(lead))
            yield f"{lead}{rule},"

    def _adapter(self) -> str:
        flows = "".join(f"\n{it.render()}\n" for it in self.flows if self._is_live(it))
        options = f"credentials: {self.names.kind}Options"
        parameters = ["self", "request: Request", options]
        authenticate = signature("authenticate", parameters, "Request", 4)
        return f'''
class {self.names.kind}(Adapter):
    """The API of {self.names.title}. Its other flows are in skeletons.py."""

    capabilities = {self.constant}
    Options = {self.names.kind}Options

{authenticate}
        """Add the credentials to a request."""
{comment(safe(self.security.note), 8)}
        {self.security.authenticate}

    def problem(
        self, response: Response, request: Request | None = None
    ) -> Problem | None:
        """Return the error in a response, or None if there is none."""
        if response.ok:
            return None
        # TODO: read the code, the message and the fields from the vendor's errors.
        return unreadable(response)
{flows}'''

    def _is_live(self, flow: FlowText) -> bool:
        return self.live is not None and flow.feature is self.live.feature

    def _skeletons(self) -> str:
        flows = "\n\n".join(it.render() for it in self.flows if not self._is_live(it))
        return f'''
class Skeletons(Adapter):
    """The flows that are not complete; the adapter does not use them."""

{flows}
'''

    def _simulator(self) -> str:
        base = urlsplit(self.hosts["sandbox"]).path
        credentials = literal(dict(self.security.credentials), 4, 14)
        route, handler = self._route()
        return f'''
{handler[0]}class {self.names.kind}Simulator(Simulator):
    """A simulated {self.names.title}."""

    base_path = {text(base)}
    credentials = {credentials}  # noqa: RUF012  # never changed
    routes = {route}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.records: dict[str, Any] = {{}}

    def admit(self, request: Request) -> Response | None:
        """Reject a request without credentials."""
        # TODO: compare them, as the vendor does.
        del request
        return None

    def no_route(self, request: Request, *, known: bool) -> Response:
        """Respond to an unknown path, or to a method that the path does not support."""
        del request
        return self.error(405 if known else 404, "no such path")

    def error(self, status: int, message: str) -> Response:
        """Return an error. TODO: in the vendor's format."""
        return answer_json(status, {{"message": message}})
{handler[1]}'''

    def _route(self) -> tuple[str, tuple[str, str]]:
        flow = next((it for it in self.flows if self._is_live(it)), None)
        if flow is None or flow.wire is None or flow.resource is None:
            return "()", ("", "")
        path = flow.guess.operation.path
        parameter = "record_id"
        template = f"{path[: path.index('{')]}{{{parameter}}}"
        envelope = flow.resource.envelope
        answer = "self.records[record_id]"
        answer = f"{{{text(envelope)}: {answer}}}" if envelope else answer
        identifier = next(it for it in flow.wire.fields if it.required)
        key = identifier.native
        value = "int(record_id)" if identifier.annotation == "int" else "record_id"
        record = literal(self.sample, 0, 9)
        return f'(Route("GET", {text(template)}, "read"),)', (
            f"{_RECORD}\nRECORD: dict[str, Any] = {record}\n\n\n",
            f'''
    def seed_record(self) -> str:
        """Create a record and return the id."""
        record_id = {_new_id(identifier)}
        self.records[record_id] = {{**RECORD, {text(key)}: {value}}}
        return record_id

    def read(self, request: Request, record_id: str) -> Response:
        """Respond to {flow.guess.operation.call}."""
        del request
        if record_id not in self.records:
            return self.error(404, "no such record")
        return answer_json(200, {answer})
''',
        )

    def _conformance(self) -> str:
        name = self.names.kind
        # The kit compares the words of what it reads: for now, of customers.
        record = self.live.record if self.live else None
        words = dict(_tables(record.wire, record.wire)) if record else {}
        pairs = "".join(f"\n        {text(key)}: {it}," for key, it in words.items())
        note = "  # noqa: RUF012  # never changed"
        values = f"{{{note}{pairs}\n    }}" if pairs else f"{{}}{note}"
        seed = ""
        if self.live is not None:
            seed = '''
    def seed(self, kind: str, simulator: Any, bank: Any) -> str | None:
        """Create a record directly, because no operation does so yet."""
        if kind != "customer":
            return None
        record_id: str = simulator.seed_record()
        return record_id
'''
        return f'''
class {name}Conformance(AdapterConformance):
    """Tests {self.names.title} against its simulator, and both against the document."""

    adapter = {name}
    simulator = {name}Simulator
    openapi = Path(__file__).parents[2] / "openapi.json"
    openapi_values = {values}
{seed}'''


def _new_id(identifier: WireField) -> str:
    """Return the expression for a new id, as the document's pattern has it."""
    uuid = "5f0c3c1e-8d2b-4a3e-9b59-2a1f6f0c7d10"
    pattern = whole_pattern(identifier.shape.pattern)
    is_number = pattern and not re.fullmatch(pattern, uuid, re.DOTALL)
    if identifier.annotation == "int" or (is_number and re.fullmatch(pattern, "1001")):
        return "str(1001 + len(self.records))"
    return "str(self.uuid())"


def _tables(root: WireClass, wire: WireClass) -> Iterator[tuple[str, str]]:
    """Yield the place and the table of each word that a record is read by."""
    for it in wire.fields:
        if it.neutral and it.neutral.words:
            table = call("words_of", [root.name, text(it.neutral.name)], 8, 20)
            yield f"Customer.{it.native}", table
        if it.is_part and it.of:
            yield from _tables(root, it.of)


def _defined(code: str) -> set[str]:
    tree = ast.parse(code)
    return {
        it.name for it in tree.body if isinstance(it, (ast.ClassDef, ast.FunctionDef))
    }
