// How the page of the API looks.

import { css } from "lit";

export const docsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    flex: 1;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--space-2) var(--space-3);
    padding: 6px var(--space-4);
    border-bottom: 1px solid var(--line);
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: var(--space-2);
    margin-right: auto;
    min-height: var(--control);
    font-weight: 600;
    font-size: var(--text-title);
    text-decoration: none;
  }
  .mark {
    width: 24px;
    height: 24px;
    color: var(--accent);
  }
  .page {
    display: grid;
    grid-template-columns: 260px minmax(0, 1fr);
    gap: var(--space-8);
    width: 100%;
    max-width: 1280px;
    margin: 0 auto;
    padding: var(--space-6) var(--space-4);
  }
  nav {
    position: sticky;
    top: var(--space-4);
    align-self: start;
    max-height: calc(100vh - 32px);
    overflow: auto;
    font-size: var(--text-small);
  }
  nav h3 {
    margin: var(--space-4) 0 var(--space-1);
    font-size: var(--text-small);
    text-transform: capitalize;
  }
  nav h3:first-child {
    margin-top: 0;
  }
  nav a {
    display: block;
    padding: 3px 0;
    color: var(--quiet);
    text-decoration: none;
  }
  nav a:hover {
    color: var(--text);
  }
  main {
    min-width: 0;
  }
  .intro {
    max-width: 720px;
    margin-bottom: var(--space-6);
  }
  .intro p + p {
    margin-top: var(--space-2);
  }
  h1 {
    margin-bottom: var(--space-2);
    font-size: var(--text-large);
    font-weight: 600;
    line-height: 1.25;
  }
  section {
    margin-bottom: var(--space-8);
  }
  section > h2 {
    text-transform: capitalize;
  }
  .operations {
    margin-top: var(--space-3);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
    overflow: hidden;
  }
  details + details {
    border-top: 1px solid var(--line);
  }
  summary {
    display: grid;
    grid-template-columns: 64px minmax(0, auto) minmax(0, 1fr);
    align-items: baseline;
    gap: var(--space-3);
    padding: 10px var(--space-4);
    cursor: pointer;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary:hover,
  details[open] > summary {
    background: var(--raised);
  }
  summary:focus-visible {
    outline-offset: -2px;
  }
  .schemas summary {
    grid-template-columns: minmax(0, auto) minmax(0, 1fr);
  }
  .method {
    font: 600 12px var(--mono);
    color: var(--quiet);
  }
  .method[data-method="GET"] {
    color: var(--accent);
  }
  .method[data-method="DELETE"] {
    color: var(--failure);
  }
  .path {
    font: 600 14px var(--mono);
    overflow-wrap: anywhere;
  }
  .about {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
    padding: var(--space-4);
    border-top: 1px solid var(--line);
  }
  .about h3 {
    margin-bottom: var(--space-1);
  }
  .table {
    overflow-x: auto;
  }
  td {
    vertical-align: top;
    white-space: normal;
  }
  td:first-child {
    white-space: nowrap;
  }
  td:last-child {
    min-width: 180px;
  }
  td code a {
    color: var(--text);
  }
  @media (max-width: 480px) {
    .back {
      display: none;
    }
  }
  @media (max-width: 860px) {
    .page {
      grid-template-columns: minmax(0, 1fr);
    }
    nav {
      display: none;
    }
    summary {
      grid-template-columns: 56px minmax(0, 1fr);
      min-height: 44px;
    }
    summary > .quiet {
      grid-column: 2;
    }
    .schemas summary > .quiet {
      grid-column: 1 / -1;
    }
  }
`;
