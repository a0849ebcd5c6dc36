// The player's look. Every colour is a token of the page around it, with a default.

const css = `
:host {
  --accent: var(--eyeline-accent, #43d69c);
  --failure: var(--eyeline-failure, #ff7a70);
  --warning: var(--eyeline-warning, #f0b860);
  --ground: var(--eyeline-ground, #000);
  --blank: var(--eyeline-blank, #14181e);
  --text: var(--eyeline-text, #f2f4f7);
  --scrim: var(--eyeline-scrim, rgb(10 13 17 / 74%));
  --quick: var(--eyeline-quick, 120ms);
  display: block;
  position: relative;
  overflow: hidden;
  aspect-ratio: var(--eyeline-aspect, var(--own-aspect, 1.7778));
  background: var(--ground);
  color: var(--text);
  font: 14px/1.4 var(--eyeline-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  font-variant-numeric: tabular-nums;
}
:host([hidden]) { display: none; }
:host(:fullscreen) { aspect-ratio: auto; width: 100%; height: 100%; }
:host(:focus-visible) { outline: 2px solid var(--text); outline-offset: -2px; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
#root { position: absolute; inset: 0; container-type: inline-size; }
.said { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
canvas, img, video {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
  object-fit: contain;
  transition: opacity var(--quick);
}
:host([fit="cover"]) :is(canvas, img, video) { object-fit: cover; }
.old :is(canvas, img, video) { opacity: 0.35; }
.empty :is(canvas, img, video) { visibility: hidden; }
.message {
  position: absolute;
  inset: 0;
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 2px;
  padding: 12px;
  text-align: center;
  pointer-events: none;
}
.message > div {
  max-width: min(100%, 440px);
  padding: 8px 14px;
  border-radius: 8px;
  background: var(--scrim);
  overflow-wrap: anywhere;
}
.empty { background: var(--blank); }
.empty .message > div { background: none; }
.message svg {
  display: none;
  width: 40px;
  height: 40px;
  margin: 0 auto 8px;
  fill: none;
  stroke: currentColor;
  stroke-width: 0.8;
  stroke-linecap: round;
  stroke-linejoin: round;
  opacity: 0.6;
}
.message strong { display: block; font-weight: 600; }
.message span { display: block; font-size: 13px; opacity: 0.86; }
.message[data-state="away"] strong, .message[data-state="denied"] strong { color: var(--failure); }
.hud, .slow {
  position: absolute;
  top: 8px;
  padding: 2px 8px;
  border-radius: 6px;
  background: var(--scrim);
  font-size: 12px;
  pointer-events: none;
}
.hud { right: 8px; }
.slow { left: 8px; color: var(--warning); }
.bar {
  position: absolute;
  inset: auto 0 0;
  display: flex;
  align-items: center;
  gap: 4px;
  padding: 4px;
  background: var(--scrim);
  opacity: 0;
  transition: opacity var(--quick);
}
:host(:hover) .bar, :host(:focus-within) .bar, .touched .bar, .waits .bar { opacity: 1; }
.bar button, .bar select {
  height: 36px;
  min-width: 36px;
  padding: 0 8px;
  border: 0;
  border-radius: 6px;
  background: none;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
.bar select option { background: #161a20; color: #f2f4f7; }
.bar :is(button, select):hover { background: rgb(255 255 255 / 16%); }
.bar :is(button, select):focus-visible { outline: 2px solid var(--text); outline-offset: -2px; }
.bar svg {
  display: block;
  width: 18px;
  height: 18px;
  margin: auto;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.5;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.state {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  padding: 0 4px;
  text-overflow: ellipsis;
  white-space: nowrap;
  font-size: 13px;
}
.state::before {
  content: "";
  display: inline-block;
  width: 8px;
  height: 8px;
  margin-right: 6px;
  border-radius: 50%;
  background: currentColor;
}
.state[data-state="live"]::before { background: var(--accent); }
.state:is([data-state="away"], [data-state="denied"], [data-state="reconnecting"])::before { background: var(--failure); }
@media (pointer: coarse) {
  .bar button, .bar select { height: 44px; min-width: 44px; }
}
@container (min-width: 360px) {
  .empty .message svg { display: block; }
}
@container (min-width: 700px) {
  .message { font-size: 17px; }
  .message span { font-size: 15px; }
}
@container (max-width: 260px) {
  .message span { display: none; }
  .bar select { display: none; }
}
@media (prefers-reduced-motion: reduce) {
  canvas, img, video, .bar { transition: none; }
}
`;

let sheet: CSSStyleSheet | null = null;

export function style(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
