import { DARK, LIGHT, variables } from './palette.ts';

/** What all pages look like: colours by meaning, letters, badges, tabs; light, dark, and on paper. */
export const FRAME_STYLE = `
:root{color-scheme:light dark;${variables(LIGHT)};--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
body{margin:0 auto;max-width:112rem;padding:1.75rem clamp(.9rem,2.5vw,2.5rem) 3rem;overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.3;margin:.1rem 0 .5rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.05rem;margin:1.6rem 0 .6rem;font-weight:650}
p{margin:.35rem 0}
code,.code{font-family:var(--mono);font-size:.87em}
a{color:var(--accent)}
.faint{color:var(--faint)}
.badge{display:inline-flex;align-items:center;gap:.4em;border-radius:1em;padding:.1em .75em;font-weight:600;font-size:.85rem;border:1px solid currentColor}
.good{color:var(--good);background:var(--good-ground)}
.bad{color:var(--bad);background:var(--bad-ground)}
.doubt{color:var(--doubt);background:var(--doubt-ground)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
summary{cursor:pointer}
button,input[type=search],select{font:inherit;color:inherit;background:var(--raised);border:1px solid var(--line);border-radius:.4rem;padding:.25rem .7rem}
button{cursor:pointer}
button:hover{border-color:var(--accent)}
.tabs{border:0;margin:1.2rem 0 0;padding:0;min-width:0;display:flex;flex-wrap:wrap;gap:.4rem}
.tabs>legend{padding:0;margin-bottom:.45rem;font-size:.8rem;color:var(--faint);font-weight:600}
.tabs>input{position:absolute;opacity:0;pointer-events:none}
.tabs>label{order:1;cursor:pointer;border:1px solid var(--line);border-radius:.5rem;background:var(--raised);padding:.35rem .8rem;font-size:.9rem;max-width:100%}
.tabs>label:hover{border-color:var(--accent)}
.tabs>input:checked+label{border-color:var(--accent);box-shadow:inset 0 -3px var(--accent);font-weight:600}
.tabs>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
.tabs>.panel{order:2;flex:0 0 100%;min-width:0;display:none}
.tabs>input:checked+label+.panel{display:block}
@media print{
:root{${variables(LIGHT)}}
html{background:none;font-size:11px}
body{padding:0;max-width:none}
button,input{display:none!important}
.tabs{display:block}
.tabs>label,.tabs>input:checked+label{display:block;border:0;background:none;box-shadow:none;padding:.8rem 0 0;font-weight:650}
.tabs>.panel{display:block}
}`;
