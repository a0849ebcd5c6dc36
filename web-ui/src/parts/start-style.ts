// How the start dialog looks.

import { css } from "lit";

export const startStyles = css`
  form {
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
    margin-top: var(--space-4);
  }
  .tabs {
    display: flex;
    gap: var(--space-1);
    padding: var(--space-1);
    border-radius: 10px;
    background: var(--raised);
  }
  .tabs button {
    flex: 1;
    padding: 0 var(--space-2);
    border-color: transparent;
    background: none;
  }
  .tabs button[aria-selected="true"] {
    background: var(--surface);
    border-color: var(--line);
    font-weight: 600;
  }
  .sources {
    display: flex;
    flex-direction: column;
    max-height: 40vh;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    overflow: auto;
  }
  .sources label {
    display: grid;
    grid-template-columns: auto minmax(45%, 1fr) auto;
    align-items: center;
    gap: var(--space-3);
    min-height: 52px;
    padding: var(--space-2) var(--space-3);
    cursor: pointer;
  }
  .sources label + label {
    border-top: 1px solid var(--line);
  }
  .sources label:hover {
    background: var(--raised);
  }
  .sources span {
    display: flex;
    flex-direction: column;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .sources b {
    font-weight: 600;
  }
  .examples {
    display: flex;
    flex-direction: column;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .examples button {
    flex-wrap: wrap;
    justify-content: flex-start;
    gap: 0 var(--space-3);
    width: 100%;
    min-height: 32px;
    padding: var(--space-1) var(--space-3);
    text-align: start;
    white-space: normal;
  }
  .examples code {
    overflow-wrap: anywhere;
  }
  button.link {
    display: inline;
    min-height: 0;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    text-decoration: underline;
    white-space: normal;
  }
  @media (pointer: coarse) {
    .examples button {
      min-height: 44px;
    }
  }
  @media (max-width: 480px) {
    .tabs button .glyph {
      display: none;
    }
    .sources label {
      grid-template-columns: auto 1fr;
    }
    .sources label > span:last-child {
      grid-column: 2;
    }
  }
`;
