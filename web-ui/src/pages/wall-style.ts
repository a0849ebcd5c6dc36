// How the wall and its tiles look.

import { css } from "lit";

export const tileStyles = css`
  :host {
    display: block;
    position: absolute;
    left: 0;
    top: 0;
    border-radius: var(--radius);
    background: var(--picture);
    /* A tap shows the tools. */
    -webkit-tap-highlight-color: transparent;
    color: var(--on-picture);
    container-type: inline-size;
    contain: layout style;
    touch-action: manipulation;
    user-select: none;
    -webkit-user-select: none;
    -webkit-touch-callout: none;
  }
  :host([hidden]) {
    display: none;
  }
  eyeline-player {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    aspect-ratio: auto;
    border-radius: inherit;
  }
  a {
    position: absolute;
    inset: 0;
    border-radius: inherit;
  }
  a:focus-visible {
    outline: 3px solid var(--text);
    outline-offset: 2px;
    box-shadow: inset 0 0 0 2px var(--on-picture);
  }
  .over,
  .tools {
    position: absolute;
    opacity: 0;
    transition: opacity var(--quick);
    pointer-events: none;
  }
  .over {
    inset: auto 0 0;
    padding: 6px var(--space-3);
    border-radius: 0 0 var(--radius) var(--radius);
    background: var(--scrim);
    font-size: var(--text-small);
    line-height: 20px;
  }
  .tools {
    top: var(--space-2);
    right: var(--space-2);
    display: flex;
    gap: 2px;
    border-radius: var(--radius);
    background: var(--scrim);
  }
  .tools button,
  .tools e-menu {
    color: var(--on-picture);
  }
  .tools > button {
    border-color: transparent;
    background: none;
  }
  .tools > button:hover,
  .tools > button[aria-pressed="true"] {
    background: rgb(255 255 255 / 18%);
  }
  .tools e-menu {
    --surface: #161a20;
    --raised: #2b323c;
    --line: #3a434f;
    --text: #f2f4f7;
    --failure: #ff7a70;
  }
  :host(:hover) :is(.over, .tools),
  :host(:focus-within) :is(.over, .tools),
  :host([touched]) :is(.over, .tools),
  :host([named]) .over,
  .over[data-wrong] {
    opacity: 1;
  }
  :host(:hover) .tools,
  :host(:focus-within) .tools,
  :host([touched]) .tools {
    pointer-events: auto;
  }
  /* A tap shows the tools; until then it must not press one of them. */
  @media (hover: none) {
    :host(:hover:not([touched], :focus-within)) .tools {
      opacity: 0;
      pointer-events: none;
    }
  }
  :host(:is(:hover, :focus-within)) {
    z-index: 2;
  }
  :host([dragged]) {
    z-index: 5;
    opacity: 0.85;
    cursor: grabbing;
  }
  :host([dragged]) .tools {
    opacity: 0;
  }
  .first {
    display: flex;
    gap: var(--space-3);
    justify-content: space-between;
  }
  b {
    min-width: 0;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .over .state {
    --accent: var(--eyeline-accent);
    --failure: var(--eyeline-failure);
    --quiet: #c6ccd4;
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    height: 20px;
    overflow: hidden;
    color: #d5dae0;
    white-space: nowrap;
  }
  .figures span + span::before {
    content: "·";
    padding: 0 6px;
  }
  :host([named]:not(:hover, :focus-within, [touched])) .over:not([data-wrong]) .figures {
    display: none;
  }
  @container (max-width: 200px) {
    .figures,
    .tools {
      display: none;
    }
    .over {
      padding: 2px var(--space-2);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .over,
    .tools {
      transition: none;
    }
  }
`;

export const wallStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    flex: 1;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2);
    padding: 6px var(--space-3);
    padding-inline: max(var(--space-3), env(safe-area-inset-left)) max(var(--space-3), env(safe-area-inset-right));
    border-bottom: 1px solid var(--line);
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    margin-right: var(--space-1);
    font-weight: 600;
    font-size: var(--text-title);
  }
  .mark {
    width: 24px;
    height: 24px;
    color: var(--accent);
  }
  .count {
    margin-right: auto;
    white-space: nowrap;
  }
  .filter {
    position: relative;
    flex: 0 1 240px;
    min-width: 120px;
  }
  .filter .glyph {
    position: absolute;
    left: 10px;
    top: calc(50% - 8px);
    color: var(--quiet);
    pointer-events: none;
  }
  .filter input {
    width: 100%;
    padding-left: 34px;
  }
  e-menu button[aria-checked="true"] {
    font-weight: 600;
  }
  .tick {
    display: flex;
  }
  .tick.none {
    visibility: hidden;
  }
  .notice {
    padding: var(--space-2) var(--space-4);
    background: var(--raised);
    border-bottom: 1px solid var(--line);
  }
  main {
    position: relative;
    flex: 1;
    padding: var(--space-2);
  }
  .stage {
    position: relative;
    width: 100%;
  }
  .words {
    max-width: 480px;
    margin: 12vh auto;
    padding: 0 var(--space-4);
    text-align: center;
  }
  .words p {
    margin-top: var(--space-2);
  }
  .words button {
    margin-top: var(--space-4);
  }
  /* An answer that comes at once needs no words before it. */
  .later {
    animation: later 0s 400ms both;
  }
  @keyframes later {
    from {
      visibility: hidden;
    }
  }
  @media (max-width: 600px) {
    header {
      gap: var(--space-1) var(--space-2);
    }
    .brand {
      margin-right: auto;
    }
    .count {
      display: none;
    }
    .filter {
      order: 5;
      flex: 1 1 100%;
    }
    main {
      padding: var(--space-2) 0;
    }
  }
`;
