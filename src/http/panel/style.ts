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

    /* edition: preview and differences */
    .mail.by-desk {
      display: block;
      width: 640px;
    }
    .mail.by-hand {
      display: block;
      width: 360px;
    }
    .views a {
      display: inline-block;
      min-height: 1.75rem;
    }
    .views a[aria-current] {
      font-weight: 700;
      color: var(--bar);
      text-decoration: none;
      border-bottom: 3px solid var(--accent);
    }
    .as-text,
    .compared {
      margin: 0 0 1.5rem;
      padding: 1rem;
      border: 1px solid var(--line);
      font-size: 0.9375rem;
      overflow-wrap: anywhere;
    }
    .as-text,
    .compared p {
      white-space: pre-wrap;
    }
    .compared p {
      margin: 0;
    }
    .as-code {
      font-size: 0.8125rem;
    }
    ins {
      color: var(--done);
      background: #e6f4ec;
    }
    del {
      color: var(--error);
      background: #fdecef;
    }
    input[type='time'] {
      width: 100%;
      max-width: 28rem;
      min-height: 3rem;
      padding: 0.5rem 0.75rem;
      border: 1px solid var(--muted);
      border-radius: 4px;
      font: inherit;
      background: #fff;
    }

    /* accounts and audit log */
    .secret {
      display: block;
      overflow-wrap: anywhere;
      font-size: 0.9375rem;
    }
    .details {
      min-width: 18rem;
    }
    .details ul {
      margin: 0;
    }
    .details li {
      overflow-wrap: anywhere;
    }

    /* content: drafts */
    .status {
      font-weight: 400;
      color: var(--muted);
    }
    .status::before {
      content: '· ';
    }
    .as-read {
      margin: 0.25rem 0 0.75rem;
      padding-left: 1rem;
      font-size: 0.9375rem;
    }
    .as-read li {
      overflow-wrap: anywhere;
    }
    .file-choice {
      display: block;
      margin-bottom: 0.75rem;
    }
    .as-written {
      white-space: pre-line;
    }

    /* mail on request */
    .steps {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25rem 1.75rem;
      margin: 0 0 1.75rem;
      padding-left: 1.1rem;
    }
    .steps a {
      display: inline-block;
      min-height: 1.5rem;
    }
    .steps a[aria-current] {
      font-weight: 700;
      color: var(--bar);
      text-decoration: none;
    }
    .marks {
      margin: 0 0 0.5rem;
    }
    textarea.wide {
      max-width: none;
    }
    .answer dd {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0.25rem 1rem;
      font-weight: 400;
    }
    .answer dd > :first-child {
      flex: 1 1 12rem;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .answer dd a {
      min-height: 1.5rem;
    }

    /* progress of a dispatch */
    progress {
      display: block;
      width: 100%;
      max-width: 28rem;
      height: 1.25rem;
      accent-color: var(--bar);
    }

    /* every screen: a desk has room for tables; sentences keep the measure of a page */
    .column {
      max-width: 66rem;
    }
    main p,
    main .box,
    main .facts {
      max-width: 48rem;
    }
    .panel-bar {
      font-size: 0.9375rem;
    }
    .panel-bar .inline {
      gap: 0.25rem 1.1rem;
    }
    /* what is unseen in a table scrolls with it, not with the page */
    .scrolling {
      position: relative;
    }
    .rows tbody th {
      min-width: 8rem;
    }
    @media (min-width: 48rem) {
      form[role='search'] {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 0 1.5rem;
        align-items: end;
      }
      form[role='search'] > h2 {
        grid-column: 1 / -1;
        margin-top: 0;
      }
      form[role='search'] > button {
        justify-self: start;
      }
    }

    /* a state opens its line */
    .lead > strong {
      display: inline-block;
    }
    .lead > strong::first-letter {
      text-transform: uppercase;
    }
  </style>`
