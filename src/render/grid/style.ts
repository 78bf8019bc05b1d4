/** What a grid looks like, beside the frame of all pages. With a script the grid fills the window, and the list is for paper. */
export const GRID_STYLE = `
body{max-width:none;padding-top:1.1rem;padding-bottom:1.5rem}
.lead{margin:0 0 .2rem;color:var(--faint)}
.is-reached,.is-gained{--own:var(--good);--under:var(--good-ground)}
.is-exits{--own:var(--accent);--under:color-mix(in srgb,var(--accent) 13%,var(--raised))}
.is-part,.is-several{--own:var(--doubt);--under:var(--doubt-ground)}
.is-blocked,.is-lost{--own:var(--bad);--under:var(--bad-ground)}
.is-unknown,.is-changed{--own:var(--change);--under:var(--change-ground)}
.tools{display:flex;flex-wrap:wrap;gap:.5rem .7rem;align-items:end;margin:.8rem 0 .6rem}
.tools label{display:flex;flex-direction:column;font-size:.78rem;color:var(--faint);font-weight:600;flex:0 1 11.5rem;min-width:7rem}
.tools input[type=search],.tools select{font-size:.9rem;color:var(--ink);font-weight:400;width:100%;padding:.3rem .5rem}
.tools .check{flex-direction:row;align-items:center;gap:.35rem;flex:none;color:var(--ink);font-weight:400}
.tools button{font-size:.9rem}
.folds{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-left:auto}
.legend{display:flex;flex-wrap:wrap;gap:.35rem .5rem;align-items:center;margin:0 0 .6rem;font-size:.83rem}
.chip{display:inline-flex;align-items:center;gap:.4rem;border-radius:1rem;padding:.1rem .65rem .1rem .3rem;font-size:.83rem}
.chip[aria-pressed=true]{border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);font-weight:600}
.key{display:inline-flex;align-items:center;gap:.4rem;color:var(--faint)}
.sample{display:inline-grid;place-items:center;width:1.35rem;height:1.35rem;border-radius:.25rem;background:var(--under,var(--panel));color:var(--own,var(--ink));font-weight:700;font-size:.8rem;line-height:1}
.sample.assumed{border-bottom:2px dotted currentColor}
.said{margin:0 0 0 auto}
.stage{display:flex;min-height:0;align-items:stretch}
.grid{flex:0 1 auto;min-width:0;width:fit-content;max-width:100%;overflow:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--raised);height:fit-content;max-height:max(22rem,calc(100dvh - 14rem));overscroll-behavior:contain}
.plane{position:relative}
.heads{position:sticky;top:0;z-index:3;background:var(--panel);border-bottom:1px solid var(--line)}
.corner{position:sticky;left:0;z-index:2;background:var(--panel);border-right:1px solid var(--line);display:flex;flex-direction:column;justify-content:space-between;padding:.4rem .6rem;color:var(--faint);font-size:.78rem}
.corner span:first-child{align-self:flex-end}
.band,.heads .head{position:absolute;overflow:hidden}
.band{border-right:1px solid var(--line);border-bottom:1px solid var(--line);font-size:.78rem;font-weight:650;cursor:pointer;line-height:25px;overflow:clip}
.band>span{position:sticky;padding:0 .45rem;white-space:nowrap;display:inline-block;max-width:100%;overflow:hidden;text-overflow:ellipsis}
.head{cursor:pointer;display:flex;align-items:center;gap:.45rem;font-size:.83rem;min-width:0}
.head .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.head .kind{color:var(--faint);font-size:.72rem;white-space:nowrap}
.heads .head{border-right:1px solid var(--line)}
.tall .heads .head{writing-mode:vertical-rl;transform:rotate(180deg);padding:.4rem 0;border-right:0;border-left:1px solid var(--line)}
@supports (writing-mode:sideways-lr){.tall .heads .head{writing-mode:sideways-lr;transform:none;border:0;border-right:1px solid var(--line)}}
.tall .heads .head .kind{display:none}
.broad .heads .head{flex-direction:column;align-items:flex-start;justify-content:center;gap:0;padding:0 .5rem}
.broad .heads .head .name{max-width:100%}
.row{position:absolute;left:0}
.row .head{position:sticky;left:0;z-index:1;background:var(--raised);border:solid var(--line);border-width:0 1px 1px 0;padding:0 .6rem 0 1.15rem;justify-content:space-between}
.row .section{padding-left:.5rem}
.section{font-weight:650}
.section .kind{font-weight:400}
.heading,.row.heading .head{background:var(--panel)}
.hot,.row .head.hot{background:color-mix(in srgb,var(--accent) 22%,var(--raised))}
.cell{position:absolute;top:0;display:grid;place-items:center;border:solid var(--line);border-width:0 1px 1px 0;background:var(--under,var(--ground));color:var(--own);font-size:.83rem;font-weight:600;cursor:pointer;overflow:hidden;white-space:nowrap}
.cell>span{max-width:100%;overflow:hidden}
.broad .cell>span{font-size:.75rem;line-height:1.2;text-align:center;white-space:normal;padding:0 .35rem;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
.cell.is-blocked{font-weight:400}
.assumed.cell::after{content:"";position:absolute;bottom:2px;width:.9rem;border-bottom:2px dotted currentColor}
.cell.folded{font-size:.75rem;letter-spacing:-.02em}
.is-part.level-1{--under:color-mix(in srgb,var(--good) 9%,var(--raised))}
.is-part.level-2{--under:color-mix(in srgb,var(--good) 18%,var(--raised))}
.is-part.level-3{--under:color-mix(in srgb,var(--good) 27%,var(--raised))}
.is-part.level-4{--under:color-mix(in srgb,var(--good) 36%,var(--raised))}
.is-reached.folded{--under:color-mix(in srgb,var(--good) 48%,var(--raised))}
.is-part.folded,.is-reached.folded{--own:var(--ink)}
.active{outline:2px solid transparent;outline-offset:-2px}
.grid:focus-visible .active{outline-color:var(--accent)}
.cell:hover{box-shadow:inset 0 0 0 2px var(--accent)}
.empty{padding:2rem;text-align:center;flex:1;border:1px dashed var(--line);border-radius:.5rem}
.reasons{flex:0 0 min(27rem,40%);margin-left:.9rem;overflow:auto;max-height:max(22rem,calc(100dvh - 14rem));border:1px solid var(--line);border-radius:.5rem;background:var(--raised);padding:.7rem 1rem 1rem}
.reasons h2{margin:.1rem 2.2rem .3rem 0;font-size:1rem}
.close{float:right;padding:0 .55rem;font-size:1.1rem}
.members{font-size:.8rem;margin:.1rem 0}
.fact{border-left:4px solid var(--own);background:var(--under);border-radius:.3rem;padding:.5rem .75rem;margin:.7rem 0 0}
.fact h3{margin:0;font-size:.93rem;color:var(--own)}
.fact p{font-size:.87rem}
.fact p.faint{color:var(--ink)}
.command{user-select:all;background:var(--raised);border-radius:.25rem;padding:.1rem .35rem}
.cause{border-top:1px solid var(--line);margin-top:.5rem;padding-top:.3rem}
.cause figure{margin:.35rem 0 0}
.cause figcaption{font-size:.78rem;font-weight:600}
.cause pre{margin:.2rem 0;padding:.25rem .5rem;white-space:pre-wrap;font:.8rem/1.4 var(--mono);background:var(--raised);border-radius:.25rem}
.before figcaption{color:var(--bad)}
.after figcaption{color:var(--good)}
.pairs{list-style:none;margin:.6rem 0;padding:0}
.pairs button{border:0;border-left:4px solid var(--own);background:var(--under);width:100%;text-align:left;font-size:.83rem;margin:1px 0;border-radius:.2rem}
.list h3{font-size:.93rem;margin:1rem 0 .2rem}
.list ul{margin:.2rem 0;padding-left:1.2rem;list-style:none}
.list li{margin:.15rem 0}
.list li>span:first-child,.list li b{color:var(--own)}
.scripted .list{display:none}
[hidden]{display:none!important}
@media (max-width:60rem){
.stage{display:block}
.grid,.reasons{max-height:75dvh}
.reasons{position:fixed;z-index:9;left:0;right:0;bottom:0;margin:0;max-height:60dvh;border-radius:.8rem .8rem 0 0;box-shadow:0 -4px 24px #0005}
.folds{margin-left:0}
.tools label{flex:1 1 8rem}
.said{margin:0;flex-basis:100%}
}
@media (max-width:40rem){
.row .head:not(.section) .kind{display:none}
}
@media print{
.tools,.reasons,.too-large{display:none!important}
.legend button{display:inline-flex!important}
.stage{display:block}
.grid{overflow:visible;max-height:none;border:0;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scripted .list{display:block}
.heads,.corner,.row .head{position:absolute}
}`;
