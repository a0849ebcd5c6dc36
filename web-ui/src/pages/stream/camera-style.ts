// How the camera's controls look.

import { css } from "lit";

export const panelStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--surface);
  }
  header {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-height: 45px;
    padding: 0 var(--space-2) 0 var(--space-4);
    border-bottom: 1px solid var(--line);
  }
  header h2 {
    font-size: var(--text-body);
  }
  header .name {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    color: var(--quiet);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .content {
    flex: 1;
    min-height: 0;
    overflow: auto;
    overscroll-behavior: contain;
  }
  .filter {
    padding: var(--space-3) var(--space-4) 0;
  }
  .filter input {
    width: 100%;
  }
  .content > p {
    padding: var(--space-3) var(--space-4);
  }
  .failure {
    color: var(--failure);
    font-size: var(--text-small);
  }
  details {
    border-bottom: 1px solid var(--line);
  }
  details:last-of-type {
    border-bottom: 0;
  }
  summary {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-height: 44px;
    padding: 0 var(--space-4);
    font-weight: 600;
    cursor: pointer;
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:focus-visible {
    outline-offset: -2px;
  }
  summary .glyph {
    transform: rotate(-90deg);
    transition: transform var(--quick);
  }
  details[open] > summary .glyph {
    transform: none;
  }
  summary .quiet {
    margin-left: auto;
    font-weight: 400;
  }
  .list {
    padding: 0 var(--space-4) var(--space-2);
  }
  footer {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    padding: var(--space-2) var(--space-4);
    border-top: 1px solid var(--line);
  }
  footer .quiet {
    flex: 1;
    min-width: 0;
    font-size: var(--text-small);
  }
`;

export const rowStyles = css`
  :host {
    --reset: 32px;
    display: block;
    padding: var(--space-1) 0;
  }
  .head {
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-height: var(--control);
  }
  label {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
    line-height: 1.25;
  }
  .why {
    padding: 0 var(--space-2);
    border: 1px solid var(--line);
    border-radius: 10px;
    color: var(--quiet);
    font-size: 12px;
  }
  .control[data-inactive] label {
    color: var(--quiet);
  }
  output {
    color: var(--quiet);
    text-align: end;
    overflow-wrap: anywhere;
  }
  .figure {
    flex: none;
    width: 84px;
    min-height: 32px;
    padding: 0 var(--space-2);
    text-align: end;
  }
  .figure.bits {
    width: 116px;
    font-family: var(--mono);
    font-size: var(--text-small);
  }
  select {
    max-width: 60%;
    text-overflow: ellipsis;
    min-height: 32px;
  }
  button.reset {
    flex: none;
    width: var(--reset);
    min-height: 32px;
    margin-right: calc(-1 * var(--space-2));
    color: var(--quiet);
  }
  .reset[data-idle] {
    visibility: hidden;
  }
  .slider {
    position: relative;
    display: flex;
    align-items: center;
    margin-right: var(--reset);
  }
  .slider input {
    width: 100%;
    min-height: 24px;
    margin: 0;
    touch-action: pan-y;
  }
  .slider input:focus-visible {
    outline-offset: -2px;
    border-radius: var(--radius);
  }
  /* The thumb's middle is 8 px from the end at most. */
  .mark {
    position: absolute;
    bottom: -2px;
    left: calc(8px + (100% - 16px) * var(--default));
    width: 2px;
    height: 6px;
    margin-left: -1px;
    background: var(--line-strong);
  }
  .ends {
    display: flex;
    justify-content: space-between;
    margin: 0 var(--reset) var(--space-1) 0;
    color: var(--quiet);
    font-size: 12px;
    line-height: 1.2;
  }
  input[role="switch"] {
    position: relative;
    flex: none;
    appearance: none;
    width: 40px;
    height: 24px;
    border: 1px solid var(--line-strong);
    border-radius: 12px;
    background: var(--raised);
    cursor: pointer;
  }
  input[role="switch"]::after {
    content: "";
    position: absolute;
    top: 3px;
    left: 3px;
    width: 16px;
    height: 16px;
    border-radius: 50%;
    background: var(--quiet);
    transition: left var(--quick);
  }
  input[role="switch"]:checked {
    border-color: var(--text);
    background: var(--text);
  }
  input[role="switch"]:checked::after {
    left: 19px;
    background: var(--surface);
  }
  .wrong {
    margin: 0 0 var(--space-1);
  }
  @media (pointer: coarse) {
    :host {
      --reset: 44px;
    }
    .figure,
    select,
    button.reset {
      min-height: 44px;
    }
    .slider input {
      min-height: 40px;
      margin: -6px 0;
    }
  }
`;
