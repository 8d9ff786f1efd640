"""The health report's look, and what the charts of an evaluation add to it."""

from __future__ import annotations

from database.report import style

# After Okabe and Ito's, which people who see fewer colours tell apart, too; lines differ in their dashes.
SERIES = 6

STYLE = f"""{style.STYLE}
:root {{ --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #b8860b; --s5: #6b7280; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --s0: #56b4e9; --s1: #e8702a; --s2: #2cc295; --s3: #e29ac4; --s4: #e6b422; --s5: #a3abb5; }}
}}
.chart {{ width: 100%; height: 19rem; margin: .4rem 0; }}
.chart.low {{ height: 11rem; }}
.chart text {{ fill: var(--soft); font-size: 12px; }}
.chart .at-end {{ text-anchor: end; }}
.chart .at-middle {{ text-anchor: middle; }}
.chart .grid {{ stroke: var(--edge); stroke-width: 1; }}
.chart .curve {{ stroke-width: 2; stroke-linecap: round; }}
.chart .curve.s0 {{ stroke-width: 4; }}
.chart .curve.s1, .chart .curve.s4 {{ stroke-dasharray: 8 5; }}
.chart .curve.s2, .chart .curve.s5 {{ stroke-dasharray: 2 5; }}
{
    "".join(
        f".curve.s{n} {{ stroke: var(--s{n}); }} .dot.s{n} {{ fill: var(--s{n}); }} "
        f".cell.s{n} {{ background: var(--s{n}); }}" + chr(10)
        for n in range(SERIES)
    )
}
main h3 {{ margin: 1.7rem 0 .35rem; }}
.wide {{ overflow-x: auto; margin: .6rem 0; }}
.wide .brief th, .wide .brief td {{ padding-right: .8rem; }}
.wide .brief thead th {{ white-space: normal; vertical-align: bottom; }}
.wide .brief tbody th {{ white-space: nowrap; }}
.wide .own td, .wide .own th {{ font-weight: 600; }}
.pair {{ display: grid; gap: .4rem 1.6rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }}
.miss {{ border-top: 1px solid var(--edge); padding: .7rem 0; break-inside: avoid-page; }}
.miss ol {{ margin: .3rem 0; padding-left: 1.4rem; }}
.miss li {{ margin: .25rem 0; }}
.miss small {{ display: block; overflow-wrap: anywhere; }}
"""
