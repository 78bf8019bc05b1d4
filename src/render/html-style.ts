import type { Leg } from './picture.ts';
import type { Lane } from './picture-lanes.ts';

/** What a page of traces looks like beside the frame. Lanes are columns where each has room for its words; else stops stand below each other. */
export const TRACE_STYLE = `
h1 .end{white-space:normal}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.mark{display:inline-flex;justify-content:center;align-items:center;width:1.35em;height:1.35em;border-radius:50%;font-weight:700;font-size:.8em}
.mark.bad{border-radius:.25em}
.verdict{background:var(--raised);border:1px solid var(--line);border-left:.35rem solid var(--line);border-radius:.6rem;padding:.8rem 1.1rem;margin:.8rem 0 0}
.good-edge{border-left-color:var(--good)}.bad-edge{border-left-color:var(--bad)}.doubt-edge{border-left-color:var(--doubt)}
.said{margin:0;max-width:80rem}
.said .badge{margin-right:.5rem}
.supposed{color:var(--doubt)}
.notes{margin:.8rem 0 0;display:grid;gap:.5rem}
.notes>div{display:grid;grid-template-columns:5.5rem minmax(0,60rem);gap:.2rem .6rem}
.notes dt{font-weight:650}
.notes dd{margin:0}.notes p{margin:0 0 .15rem}.notes ul{margin:.1rem 0 .3rem;padding-left:1.1rem}
.leg{margin-top:1.3rem;container-type:inline-size}
.leg>.lanes{padding:0 .55rem}
.leg>summary{list-style:none;display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem .6rem}
.leg>summary::-webkit-details-marker{display:none}
.leg>summary::before{content:"▸" / "";color:var(--faint);transition:transform .15s}
.leg[open]>summary::before{transform:rotate(90deg)}
.leg>summary h2{display:inline;margin:0}
.end-words{font-size:.9rem}
.lanes,.hops{list-style:none;margin:0;padding:0}
.lanes{margin-top:.7rem;display:grid;gap:1.5rem;grid-template-columns:minmax(0,1fr)}
.bg,.through{display:none}
.what{color:var(--faint);font-size:.75rem;font-weight:400}
.stop{position:relative;background:var(--raised);border:1px solid var(--line);border-top:3px solid var(--tone);border-radius:.55rem;padding:.4rem .45rem .5rem;min-width:0;--tone:var(--network)}
.pod{--tone:var(--pod)}.machine{--tone:var(--node)}.network{--tone:var(--network)}
.place{margin:0 .25rem .25rem;font-size:.9rem;color:var(--tone)}
.stop::before{position:absolute;color:var(--accent);font-weight:700;font-size:1.15rem;line-height:1;content:"↓" / "";top:-1.45rem;left:1.1rem}
.stop.first::before{content:none}
.hop>details{border-radius:.35rem}
.hop>details[open]{background:var(--panel)}
.hop summary{list-style:none;display:flex;gap:.45rem;padding:.2rem .25rem;border-radius:.35rem;font-size:.86rem;line-height:1.4}
.hop summary::-webkit-details-marker{display:none}
.hop summary:hover{background:var(--panel)}
.n{flex:none;min-width:1.45rem;height:1.35rem;padding:0 .2rem;border-radius:.7rem;background:var(--panel);color:var(--faint);font:600 .72rem/1.35rem var(--mono);text-align:center}
.line{min-width:0}
.step{color:var(--faint);font-size:.72rem;font-weight:650;letter-spacing:.03em;text-transform:uppercase;margin-right:.15rem}
.device{font-weight:600}
.header{display:block;font-size:.78rem;background:none}
.header.change{background:var(--change-ground);border-radius:.3rem;padding:.05rem .35rem;margin:.15rem 0;width:fit-content;max-width:100%}
.change{color:var(--change)}
.tag{font-size:.72rem;border-radius:.3rem;padding:0 .3rem;white-space:nowrap}
.tag.change{background:var(--change-ground)}
.carried summary{box-shadow:inset 3px 0 0 var(--change);padding-left:.55rem}
.refusal>details{background:var(--bad-ground);outline:1.5px solid var(--bad)}
.refusal>details[open]{background:var(--bad-ground)}
.refusal summary:hover{background:none}
.refusal .n{background:var(--bad);color:var(--bad-ground);border-radius:.2rem}
.refusal .step{color:var(--bad)}
.hop.quiet,.stop.quiet{display:none}
.quiet summary{opacity:.8}
body:has(#all:checked) .quiet{display:list-item}
body:has(#all:checked) .stop.quiet{display:block}
.evidence{padding:.1rem .5rem .5rem .5rem;font-size:.83rem}
.evidence dl{margin:0}
.evidence dt{color:var(--faint);font-size:.72rem;font-weight:650;margin-top:.3rem}
.evidence dd{margin:0}
.source{font-weight:600}
.fix{border-left:3px solid var(--bad);padding-left:.5rem;margin:.2rem 0 .4rem}
.rules{list-style:none;margin:.1rem 0 0;padding:0;max-height:22rem;overflow:auto}
.rules li{padding:.1rem 0 .1rem 1rem;text-indent:-1rem}
.rules li::before{content:"+ " / "";color:var(--good);font-weight:700;font-family:var(--mono)}
.rules .missed{color:var(--faint)}
.rules .missed::before{content:"− " / "";color:var(--faint)}
.flag{margin:.45rem .1rem 0;padding:.3rem .55rem;border-radius:.4rem;font-weight:650;font-size:.86rem;display:flex;gap:.5rem;align-items:baseline}
.flag.bad{border:2px solid var(--bad)}
.flag.doubt{border:2px dashed var(--doubt)}
footer{margin-top:2rem;font-size:.85rem}
.all{float:right;margin:.4rem 0 .4rem 1rem;font-size:.85rem;cursor:pointer}
@media (max-width:36rem){.notes>div{grid-template-columns:minmax(0,1fr)}}
@media (prefers-reduced-motion:no-preference){.lanes{transition:grid-template-columns .2s}}
@media print{.leg{break-inside:avoid}.rules{max-height:none}.all{display:none}}`;

/** Opens the hop that the address names, and puts its name into the address when it is opened. */
export const SCRIPT = `
const show = () => {
  const hop = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!hop) return;
  for (let x = hop; x; x = x.parentElement) {
    if (x.matches('.panel')) document.getElementById(x.previousElementSibling.htmlFor).checked = true;
    if (x.matches('.quiet')) document.getElementById('all').checked = true;
    if (x.matches('details')) x.open = true;
  }
  hop.querySelector('details')?.setAttribute('open', '');
  hop.scrollIntoView({ block: 'center' });
};
addEventListener('hashchange', show);
document.addEventListener('toggle', (event) => {
  const hop = event.target.closest('.hop');
  if (hop && event.target.open) history.replaceState(null, '', '#' + hop.id);
}, true);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') for (const open of document.querySelectorAll('.hop > details[open]')) open.open = false;
});
show();
`;

/** Words that a lane has room for, in rem, and how much of the width it gets. */
const WIDTHS: Readonly<Record<Lane['kind'], readonly [least: number, share: number]>> = {
  pod: [12, 1.15],
  machine: [13.5, 1.45],
  network: [7.5, 0.6],
};

const GAP = 1.6;

/** Legs with the same kinds of lanes are laid out alike. */
export const laneClass = ({ lanes, stops }: Leg): string => `k${lanes.map((l) => l.kind.slice(0, 1)).join('')}${rowsIn(stops)}`;

const rowsIn = (stops: Leg['stops']): number => 1 + (stops.at(-1)?.row ?? 0);

/** The columns of a leg's lanes; one in which something is opened grows. */
export function laneStyle(leg: Leg): string {
  const { lanes, stops } = leg;
  if (lanes.length < 2) return '';
  const own = `.${laneClass(leg)}`;
  const least = lanes.reduce((sum, l) => sum + WIDTHS[l.kind][0] + GAP, -GAP);
  const columns = lanes.map((l, i) => `minmax(0,var(--w${i + 1},${WIDTHS[l.kind][1]}fr))`).join(' ');
  const grown = lanes.map((_, i) => `${own}:has(>.c${i + 1} .hop>details[open]){--w${i + 1}:2.2fr}`).join('');
  const places = lanes.map((_, i) => `${own}>.c${i + 1},${own}>.bg>.c${i + 1}{grid-column:${i + 1}}`).join('');
  const rows = Array.from({ length: rowsIn(stops) }, (_, i) => `${own}>.r${i + 1}{grid-row:${i + 2}}`).join('');
  return `
@container (min-width:${least}rem){
${own}{gap:1.1rem ${GAP}rem;grid-template-columns:${columns};grid-template-rows:auto repeat(${rowsIn(stops)},auto) 0;align-items:start}
${grown}${places}${rows}
${own}>.bg{display:contents}
${own}>.bg>.ground{grid-row:1/-1;align-self:stretch;background:color-mix(in srgb,var(--tone) 6%,transparent);border-radius:.6rem;margin:0 -.55rem}
${own}>.bg>.name{grid-row:1;margin:.45rem 0 -.6rem;color:var(--tone);font-size:.92rem;line-height:1.3}
${own}>.stop .place,${own}>.network .step{display:none}
${own}>.network .hop summary{flex-direction:column;align-items:flex-start;gap:.15rem}
${own}>.stop:not(.turn)::before{top:.55rem}
${own}>.stop.right::before{content:"→" / "";left:-1.42rem}
${own}>.stop.left::before{content:"←" / "";left:auto;right:-1.42rem}
${own}>.through{display:block;border-top:2px solid var(--accent);height:0;position:relative;top:1.1rem;margin-left:-${GAP}rem;margin-right:-${GAP}rem}
}`;
}
