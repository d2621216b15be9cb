"""How the report looks: light and dark, on a screen, a phone and paper."""

from __future__ import annotations

from collections.abc import Mapping

from .states import State

COLOURS: Mapping[State, tuple[str, str]] = {
    State.VERIFIED: ("#1a7f4b", "#3fb37a"),
    State.CREATED: ("#6bb892", "#2c7d57"),
    State.READY: ("#4a7bc8", "#6d9ae0"),
    State.IN_FLIGHT: ("#8aa9dc", "#48689d"),
    State.BLOCKED: ("#d99a2b", "#e0ad4f"),
    State.AMBIGUOUS: ("#b0679e", "#cc8abc"),
    State.UNKNOWN: ("#8b7ab8", "#a797d1"),
    State.QUARANTINED: ("#7a4fb0", "#a37bd6"),
    State.FAILED: ("#c0392b", "#e06a5c"),
    State.MISMATCHED: ("#e0714f", "#ee9478"),
    State.DELETING: ("#a8987a", "#85775c"),
    State.ROLLED_BACK: ("#8d8f94", "#6d7076"),
}
"""Each state's colour on light and on dark ground, the best outcome first."""


def _fills(at: int) -> str:
    return "".join(
        f".{state}{{fill:{pair[at]};background:{pair[at]}}}"
        for state, pair in COLOURS.items()
    )


STYLE = f"""
:root{{--ground:#fdfdfc;--ink:#1c1d20;--quiet:#63666d;--rule:#e3e3df;--wash:#f4f4f1}}
{_fills(0)}
@media (prefers-color-scheme:dark){{
:root{{--ground:#16171a;--ink:#e7e7e4;--quiet:#9a9da5;--rule:#303238;--wash:#1f2125}}
{_fills(1)}
}}
*{{box-sizing:border-box}}
body{{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;
-webkit-text-size-adjust:100%}}
main{{max-width:72rem;margin:0 auto;padding:3rem 1.5rem 5rem}}
h1{{font-size:2.4rem;line-height:1.1;letter-spacing:-.025em;margin:.1em 0 .4em}}
h2{{font-size:1.15rem;letter-spacing:-.01em;margin:3rem 0 .8rem}}
.lead{{font-size:1.2rem;margin:0;max-width:42rem}}
.quiet{{color:var(--quiet)}}
header .quiet{{margin:0}}
.figures{{display:flex;flex-wrap:wrap;gap:1.5rem 3rem;margin:2.5rem 0 0}}
.figures div{{display:flex;flex-direction:column}}
.figures dd{{margin:0;font-size:2rem;line-height:1.15;font-weight:600;
font-variant-numeric:tabular-nums;letter-spacing:-.02em}}
.figures dt{{color:var(--quiet);font-size:.9rem}}
.bar{{display:block;width:100%;height:28px;border-radius:6px}}
.legend{{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;
padding:0;margin:.9rem 0 0;font-size:.95rem}}
.legend i{{display:inline-block;width:.75em;height:.75em;border-radius:2px;
margin-right:.5em}}
table{{width:100%;border-collapse:collapse;font-size:.92rem}}
th{{text-align:left;font-weight:500;color:var(--quiet);padding:.35rem .9rem .35rem 0;
border-bottom:1px solid var(--rule)}}
td{{vertical-align:top;padding:.55rem .9rem .55rem 0;border-bottom:1px solid var(--rule);
font-variant-numeric:tabular-nums}}
td:first-child{{white-space:nowrap}}
code{{font:.82em/1.6 ui-monospace,SFMono-Regular,Menlo,monospace;white-space:nowrap}}
.tag{{background:var(--wash);border-radius:4px;padding:.1em .5em;font-size:.86em;
white-space:nowrap}}
@media (max-width:40rem){{
main{{padding:1.8rem 1.1rem 3rem}}
h1{{font-size:1.9rem}}
thead{{display:none}}
tr{{display:block;padding:.7rem 0;border-bottom:1px solid var(--rule)}}
td{{display:flex;gap:.8rem;border:0;padding:.12rem 0}}
td{{overflow-wrap:anywhere}}
code{{white-space:normal}}
td:first-child{{white-space:normal}}
td::before{{content:attr(data-name);color:var(--quiet);flex:0 0 6.5rem}}
}}
@media print{{body{{font-size:11px}}main{{max-width:none;padding:0}}}}
"""
