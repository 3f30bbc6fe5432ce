/** How a report looks: light and dark as the reader's system is, from a phone's width on, and on paper. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--page:#f6f5f1;--card:#fff;--ink:#1c2530;--soft:#5d6875;--line:#dedbd2;--curve:#1f6f8b;--fill:#1f6f8b22;
--alarm:#c2410c;--incident:#e8a31755;--benign:#8b95a133;--good:#2f7d4f;--second:#6d4aa8}
@media (prefers-color-scheme:dark){:root{--page:#12171d;--card:#1a2129;--ink:#e6e9ec;--soft:#9aa6b2;--line:#2e3843;--curve:#5cb8d6;
--fill:#5cb8d622;--alarm:#ff8a5c;--incident:#e8a31750;--benign:#8b95a138;--good:#6cc48f;--second:#b79cf0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:70rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:.5rem 0 .25rem}h2{font-size:1.15rem;margin:0 0 .75rem}h3{font-size:1rem;margin:1.25rem 0 .5rem}
p{margin:.25rem 0 .75rem}.soft{color:var(--soft)}
section,.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1.1rem;margin:1rem 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0}
.cards .card{margin:0;padding:.8rem 1rem}.card strong{display:block;font-size:1.6rem;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:.85rem}
.scroll{overflow-x:auto}:focus-visible{outline:2px solid var(--curve);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}.number{text-align:right}td.number,time{white-space:nowrap}th+th,td+td{padding-left:.3rem}
tr:last-child td{border-bottom:0}td.text{min-width:18rem;overflow-wrap:anywhere}td:first-child{white-space:nowrap}
.found{display:inline-flex;gap:.8rem}.found span{min-width:1.8rem}.all{color:var(--good)}.none{color:var(--alarm)}
figure{margin:0}figure.device{padding:.6rem 0 1rem;border-top:1px solid var(--line)}figure.device:first-of-type{border-top:0}
figcaption{font-weight:600;margin-bottom:.3rem;overflow-wrap:anywhere}
svg{display:block;width:100%}.track svg{height:5.2rem;border-bottom:1px solid var(--line)}
.track p span+span{white-space:nowrap}.track p{display:flex;gap:.5rem;justify-content:space-between;margin:.35rem 0 .1rem;font-size:.8rem;color:var(--soft)}
path{fill:none;vector-effect:non-scaling-stroke}.curve{stroke:var(--curve);stroke-width:1.2}
.threshold{stroke:var(--alarm);stroke-width:1;stroke-dasharray:4 4}.alarms{stroke:var(--alarm);stroke-width:2}
.incident{fill:var(--incident)}.benign{fill:var(--benign)}.grid{stroke:var(--line);stroke-width:1}
.recall{stroke:var(--curve);stroke-width:2}.precision{stroke:var(--second);stroke-width:2}
.axis{position:relative;height:1.3rem;font-size:.75rem;color:var(--soft)}
.axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}.axis span:first-child{transform:none}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;font-size:.85rem;color:var(--soft);margin:0 0 .75rem;padding:0;list-style:none}
.legend li::before{content:"";display:inline-block;width:1rem;height:.65rem;margin-right:.4rem;border-radius:2px;background:var(--key)}
.k-curve{--key:var(--curve)}.k-alarm{--key:var(--alarm)}.k-incident{--key:var(--incident)}.k-benign{--key:var(--benign)}.k-second{--key:var(--second)}
.sweeps{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1.5rem}
.plot{display:grid;grid-template-columns:3rem 1fr;height:11rem}.plot svg{height:11rem}
.shares{display:flex;flex-direction:column;justify-content:space-between;font-size:.75rem;color:var(--soft)}
.thresholds{display:flex;justify-content:space-between;margin-left:3rem;font-size:.75rem;color:var(--soft)}
.bars{display:grid;grid-template-columns:minmax(8rem,2fr) 3fr;gap:.35rem .8rem;font-size:.85rem;align-items:center}
.bars dt{overflow-wrap:anywhere}.bars dd{margin:0}
.bar{display:block;height:.6rem;border-radius:2px;background:var(--curve);min-width:2px}
@media (max-width:40rem){main{padding:1rem .6rem 3rem}section{padding:.9rem .7rem}.axis span:nth-child(even){display:none}h1{font-size:1.35rem}}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
