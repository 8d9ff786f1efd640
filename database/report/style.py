"""How the report looks, in light, in dark and on paper.

The colours are Okabe and Ito's, which people who see colours differently can tell apart
(https://jfly.uni-koeln.de/color/); good pages, being most, are paler than troubles. There is no style
attribute in the page: its policy allows this sheet alone, by its hash.
"""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --card: #f6f7f9; --text: #1b1f24; --soft: #57606a;
  --edge: #d0d7de; --good: #a6cbe6; --blank: #fff; --no_text: #e69f00; --garbled: #cc79a7;
  --unreadable: #d55e00; --plain: #0072b2; --ink: #1b1f24; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --card: #1d2127; --text: #e6e9ed; --soft: #9aa4af; --edge: #3a424c;
    --good: #2f6690; --blank: #14171b; --no_text: #e69f00; --garbled: #cc79a7;
    --unreadable: #e8702a; --plain: #56b4e9; --ink: #0d0f12; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 64rem; background: var(--paper);
  color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
.tiles + h3 { margin-top: 1.2rem; }
p { margin: .3rem 0; }
.soft, small { color: var(--soft); font-size: .875rem; }
bdi { overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .6rem;
  margin: 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--edge); border-radius: 8px;
  padding: .6rem .8rem; }
.tiles b { display: block; font-size: 1.4rem; line-height: 1.3; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .875rem; }
svg { display: block; overflow: visible; }
.patterns { position: absolute; }
.stacked { width: 100%; height: 2rem; border: 1px solid var(--edge); overflow: hidden;
  border-radius: 4px; }
.part { stroke: none; }
.stacked .part { stroke: var(--paper); stroke-width: 1; }
.stacked .p-blank { stroke: var(--soft); }
.p-good { fill: var(--good); }
.p-blank { fill: var(--blank); }
.p-plain { fill: var(--plain); }
.p-no_text { fill: url(#no_text); }
.p-garbled { fill: url(#garbled); }
.p-unreadable { fill: url(#unreadable); }
.patterns .no_text { fill: var(--no_text); }
.patterns .garbled { fill: var(--garbled); }
.patterns .unreadable { fill: var(--unreadable); }
.patterns .ink { fill: var(--ink); }
.patterns .line { stroke: var(--ink); stroke-width: 1.4; fill: none; }
.bars { width: 100%; border-collapse: collapse; }
.bars th { text-align: left; font-weight: 400; width: 32%; }
.bars th, .bars td { padding: .25rem .6rem .25rem 0; vertical-align: middle; }
.bars .said { width: 30%; white-space: nowrap; padding-right: 0; color: var(--soft);
  font-size: .875rem; font-variant-numeric: tabular-nums; }
.bar { width: 100%; height: .9rem; background: var(--card); outline: 1px solid var(--edge); }
.columns { width: 100%; height: 11rem; max-width: 44rem; }
.columns .axis { fill: var(--soft); }
.columns text { fill: var(--soft); font-size: 12px; }
.columns .above { text-anchor: middle; fill: var(--text); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; padding: 0; margin: .6rem 0;
  list-style: none; font-size: .875rem; }
.legend .cell { margin-right: .45rem; vertical-align: -2px; }
.strip { line-height: 0; margin: .45rem 0; }
.cell { display: inline-block; position: relative; width: 11px; height: 15px; margin: 0 2px 2px 0;
  border: 1px solid transparent; border-radius: 2px; forced-color-adjust: none;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.strip span { display: inline-block; width: 137px; }
.cell.good { background: var(--good); }
.cell.blank { background: var(--blank); border-color: var(--soft); }
.cell.no_text {
  background: repeating-linear-gradient(135deg, var(--no_text) 0 3px, var(--ink) 3px 4.5px); }
.cell.garbled {
  background: radial-gradient(circle, var(--ink) 1.2px, transparent 1.6px) 0 0 / 5px 5px,
    var(--garbled); }
.cell.unreadable {
  background: linear-gradient(53deg, transparent 44%, var(--ink) 44% 56%, transparent 56%),
    linear-gradient(-53deg, transparent 44%, var(--ink) 44% 56%, transparent 56%),
    var(--unreadable); }
.cell.none { background: var(--card); border-color: var(--edge); }
.cell.tables::before, .cell.recognised::after { content: ""; position: absolute;
  background: var(--text); forced-color-adjust: none; }
.cell.tables::before { left: -1px; right: -1px; top: -1px; height: 4px; }
.cell.recognised::after { width: 5px; height: 5px; border-radius: 50%; left: 2px; bottom: 1px; }
.document { border-top: 1px solid var(--edge); padding: .8rem 0 .5rem; break-inside: avoid-page; }
.document.long { break-inside: auto; }
.trouble { font-weight: 600; }
.trouble::before { content: "⚠ "; }
.failed::before { content: "✗ "; }
.brief { width: 100%; border-collapse: collapse; font-size: .875rem; }
.brief th, .brief td { text-align: left; padding: .25rem .6rem .25rem 0;
  border-top: 1px solid var(--edge); vertical-align: top; font-weight: 400; }
.brief thead th { color: var(--soft); border-top: 0; }
.brief .amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font: .875em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .bars tr { display: block; padding: .3rem 0; }
  .bars th, .bars td { display: block; width: auto !important; padding: .1rem 0; }
  .bars .said { white-space: normal; }
  .columns text { font-size: 10px; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --text: #000; --soft: #333;
    --edge: #999; --good: #a6cbe6; --blank: #fff; --unreadable: #d55e00; --plain: #0072b2;
    --ink: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section { break-before: auto; }
}
"""


def policy(style: str) -> str:
    """Of a page that may use this style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
