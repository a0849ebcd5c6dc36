// How a stream's page is laid out: the picture, the row of tools below, one panel beside; on a
// phone the panel is a sheet over all but the picture.

import { css } from "lit";

export const pageStyles = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr) auto;
    grid-template-areas: "top top" "stage drawer" "tools tools";
    height: 100vh;
    height: 100dvh;
  }
  header {
    grid-area: top;
    display: flex;
    align-items: center;
    gap: var(--space-2);
    min-width: 0;
    min-height: 48px;
    padding: 0 var(--space-4) 0 var(--space-2);
    border-bottom: 1px solid var(--line);
  }
  .home {
    color: var(--accent);
  }
  .home svg {
    width: 24px;
    height: 24px;
  }
  h1 {
    min-width: 0;
    overflow: hidden;
    font-size: var(--text-title);
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .figures {
    display: flex;
    gap: var(--space-3);
    margin-left: auto;
    color: var(--quiet);
    white-space: nowrap;
  }
  .figures .state {
    margin: 0;
  }
  main {
    grid-area: stage;
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
    background: var(--picture);
  }
  eyeline-player {
    flex: 1;
    width: 100%;
    min-height: 0;
    --eyeline-aspect: auto;
  }
  .notice {
    padding: var(--space-2) var(--space-4);
    background: var(--raised);
    border-bottom: 1px solid var(--line);
  }
  e-tools {
    grid-area: tools;
  }
  e-drawer,
  e-camera {
    grid-area: drawer;
    width: clamp(360px, 30vw, 760px);
    border-left: 1px solid var(--line);
  }
  @media (max-width: 700px) {
    :host {
      display: flex;
      flex-direction: column;
      height: auto;
      min-height: 100dvh;
    }
    main {
      flex: none;
    }
    eyeline-player {
      --eyeline-aspect: initial;
      flex: none;
      max-height: 70dvh;
    }
    /* What is set there is to be seen in the picture above the sheet. */
    main.beside eyeline-player {
      max-height: calc(48dvh - 49px);
    }
    .wide {
      display: none;
    }
    e-drawer,
    e-camera {
      position: fixed;
      z-index: 20;
      inset: auto 0 0;
      width: auto;
      height: max(52dvh, calc(100dvh - 49px - 100vw / var(--aspect, 1.7778)));
      border: 1px solid var(--line);
      border-width: 1px 0 0;
      border-radius: 12px 12px 0 0;
      padding-bottom: env(safe-area-inset-bottom);
    }
  }
  /* A phone held across: a panel needs all the height there is. */
  @media (min-width: 701px) and (max-height: 500px) {
    :host {
      grid-template-areas: "top drawer" "stage drawer" "tools drawer";
    }
  }
  @media (min-width: 701px) and (max-width: 1000px) {
    e-drawer,
    e-camera {
      width: 340px;
    }
  }
`;
