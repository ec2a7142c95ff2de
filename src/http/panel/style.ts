/** What the pages of the panel have besides the sheet of every page. */
import { html } from 'hono/html'
import type { Html } from '../env.ts'

export const panelStyle = (nonce: string): Html =>
  html`<style nonce="${nonce}">
    .panel-bar {
      background: #fff;
      border-bottom: 1px solid var(--line);
    }
    .panel-bar nav {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 0.5rem 1.5rem;
      padding-top: 0.5rem;
      padding-bottom: 0.5rem;
    }
    .panel-bar form,
    .panel-bar ul,
    .panel-bar li {
      margin: 0;
    }
    .panel-bar form {
      display: flex;
      align-items: center;
      gap: 1rem;
    }
    .panel-bar a[aria-current] {
      font-weight: 700;
      color: var(--bar);
      text-decoration: none;
      border-bottom: 3px solid var(--accent);
    }
    .session {
      position: fixed;
      right: 1rem;
      bottom: 1rem;
      max-width: 24rem;
      margin: 0;
      border: 2px solid var(--accent);
      background: #fff;
    }
    .mail {
      width: 100%;
      height: 40rem;
      border: 1px solid var(--line);
    }

    .group {
      margin: 0 0 1.75rem;
      padding: 0 0 0 1rem;
      border-left: 3px solid var(--line);
    }
    .item {
      margin: 0 0 1.25rem;
    }
    .moves {
      display: flex;
      flex-wrap: wrap;
      gap: 0.5rem;
    }

    .scrolling {
      overflow-x: auto;
      margin: 0 0 1.5rem;
    }
    .rows {
      width: 100%;
      border-collapse: collapse;
      font-size: 0.9375rem;
      line-height: 1.5;
    }
    .rows caption {
      padding: 0 0 0.5rem;
      text-align: left;
      color: var(--muted);
    }
    .rows th,
    .rows td {
      padding: 0.5rem 0.9rem 0.5rem 0;
      border-bottom: 1px solid var(--line);
      text-align: left;
      vertical-align: top;
      overflow-wrap: normal;
    }
    .rows tbody th {
      font-weight: 400;
    }

    .printed td {
      min-width: 7rem;
      max-width: 28rem;
      overflow-wrap: anywhere;
    }
    .source {
      display: inline-block;
      min-height: 1.5rem;
    }
  </style>`
