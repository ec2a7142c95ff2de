/** The one style sheet, inside each page: nothing else has to be fetched to read it. */
import { html } from 'hono/html'
import type { Html } from './env.ts'

export const styleSheet = (nonce: string): Html =>
  html`<style nonce="${nonce}">
    :root {
      color-scheme: light;
      --bar: #32215c;
      --strong: #5d3f79;
      --hover: #4a3362;
      --accent: #8c65aa;
      --ink: #1e1238;
      --muted: #5b5b6b;
      --soft: #f8f5fb;
      --line: #ddd3e6;
      --error: #b00020;
      --done: #0f6b3a;
    }
    * {
      box-sizing: border-box;
    }
    html {
      -webkit-text-size-adjust: 100%;
      text-size-adjust: 100%;
    }
    body {
      margin: 0;
      font:
        1.0625rem/1.6 Montserrat,
        Arial,
        sans-serif;
      color: var(--ink);
      background: var(--soft);
      overflow-wrap: break-word;
      display: flex;
      flex-direction: column;
      min-height: 100vh;
    }
    .column {
      width: 100%;
      max-width: 46rem;
      margin: 0 auto;
      padding: 0 1.25rem;
    }
    p,
    ul,
    ol,
    dl {
      margin: 0 0 1rem;
    }
    a {
      color: var(--strong);
      text-underline-offset: 0.15em;
    }
    a:hover {
      color: var(--bar);
      text-decoration-thickness: 2px;
    }
    :focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 3px;
    }
    main:focus {
      outline: none;
    }
    .skip {
      position: absolute;
      left: -999rem;
      top: 0.5rem;
      padding: 0.5rem 1rem;
      background: #fff;
      z-index: 1;
    }
    .skip:focus {
      left: 0.5rem;
    }

    .masthead {
      background: var(--bar);
      border-bottom: 5px solid var(--accent);
      color: #fff;
    }
    .brand {
      display: flex;
      align-items: center;
      margin: 0;
      padding: 1.25rem 0;
    }
    .letters {
      padding: 0.1rem 0.85rem 0.1rem 0;
      margin-right: 1rem;
      border-right: 1px solid var(--accent);
      font-size: 1.4rem;
      font-weight: 700;
      letter-spacing: 0.13em;
    }
    .institution {
      font-size: 0.875rem;
      line-height: 1.3;
    }

    summary {
      padding: 0.5rem 0;
      cursor: pointer;
    }

    .sheet {
      flex: 1 0 auto;
      padding-top: 2.25rem;
      padding-bottom: 2.5rem;
      background: #fff;
    }
    h1 {
      margin: 0 0 1.25rem;
      font-size: 1.75rem;
      line-height: 1.25;
      letter-spacing: -0.01em;
      text-wrap: balance;
      color: var(--bar);
    }
    h2 {
      margin: 2.25rem 0 0.75rem;
      font-size: 1.3rem;
      line-height: 1.35;
      text-wrap: balance;
      color: var(--bar);
    }
    h3 {
      margin: 0 0 0.25rem;
      font-size: 1.0625rem;
      line-height: 1.45;
    }
    section {
      border-top: 1px solid var(--line);
      margin-top: 2.25rem;
    }
    section > h2 {
      margin-top: 1.75rem;
    }
    .lead {
      font-size: 1.125rem;
    }
    .small {
      font-size: 0.9375rem;
      line-height: 1.5;
    }
    .muted {
      color: var(--muted);
    }
    .unseen {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    li {
      margin: 0 0 0.35rem;
    }
    form {
      margin: 0 0 1.25rem;
    }
    ul,
    ol {
      padding-left: 1.35rem;
    }
    .plain {
      padding: 0;
      list-style: none;
    }
    .box {
      margin: 0 0 1.5rem;
      padding: 1rem 1.25rem;
      border-left: 4px solid var(--accent);
      background: var(--soft);
    }
    .box > :last-child {
      margin-bottom: 0;
    }
    .box.done {
      border-color: var(--done);
    }
    .box.wrong {
      border-color: var(--error);
    }
    .box h2 {
      margin: 0 0 0.5rem;
      font-size: 1.125rem;
    }
    .wrong h2,
    .wrong a {
      color: var(--error);
    }

    button {
      display: inline-block;
      min-height: 3rem;
      padding: 0.6rem 1.5rem;
      border: 2px solid var(--bar);
      border-radius: 4px;
      font: inherit;
      font-weight: 700;
      line-height: 1.35;
      text-align: center;
      color: #fff;
      background: var(--bar);
      cursor: pointer;
    }
    button:hover {
      border-color: var(--hover);
      background: var(--hover);
    }
    button.second {
      color: var(--bar);
      background: #fff;
    }
    button.second:hover {
      border-color: var(--bar);
      background: var(--soft);
    }
    button.slim {
      min-height: 2.5rem;
      padding: 0.35rem 1rem;
      font-size: 0.9375rem;
    }

    .field {
      margin: 0 0 1.5rem;
    }
    fieldset {
      min-width: 0;
      margin: 0 0 1.5rem;
      padding: 0;
      border: 0;
    }
    /* floated, it is inside the border as everything else */
    legend {
      float: left;
      width: 100%;
    }
    legend + * {
      clear: both;
    }
    legend,
    .field > label {
      display: block;
      margin: 0 0 0.25rem;
      padding: 0;
      font-weight: 700;
    }
    .hint {
      margin: 0 0 0.4rem;
      font-size: 0.9375rem;
      line-height: 1.5;
      color: var(--muted);
    }
    .problem {
      margin: 0 0 0.4rem;
      font-weight: 700;
      color: var(--error);
    }
    .has-problem {
      padding-left: 1rem;
      border-left: 4px solid var(--error);
    }
    input[type='text'],
    input[type='email'],
    input[type='password'],
    input[type='date'],
    input[type='file'],
    textarea,
    select {
      width: 100%;
      max-width: 28rem;
      min-height: 3rem;
      padding: 0.5rem 0.75rem;
      border: 1px solid var(--muted);
      border-radius: 4px;
      font: inherit;
      color: inherit;
      background: #fff;
    }
    input[aria-invalid='true'],
    select[aria-invalid='true'] {
      border: 2px solid var(--error);
      outline-color: var(--error);
    }
    [hidden] {
      display: none !important;
    }
    .choice {
      display: flex;
      gap: 0.75rem;
      align-items: flex-start;
      margin: 0 0 0.9rem;
    }
    .choice input {
      flex: none;
      width: 1.5rem;
      height: 1.5rem;
      margin: 0.1rem 0 0;
      accent-color: var(--bar);
    }
    .choice .hint {
      margin: 0;
    }

    .facts {
      margin: 0 0 1.5rem;
    }
    .facts > div {
      padding: 0.65rem 0;
      border-top: 1px solid var(--line);
    }
    .facts > div:last-child {
      border-bottom: 1px solid var(--line);
    }
    dt {
      color: var(--muted);
      font-size: 0.9375rem;
    }
    dd {
      margin: 0;
      font-weight: 700;
    }
    .entries {
      margin: 0 0 1.5rem;
      padding: 0;
      list-style: none;
    }
    .entries > li {
      margin: 0;
      padding: 1.25rem 0;
      border-top: 1px solid var(--line);
    }
    .entries > li:last-child {
      border-bottom: 1px solid var(--line);
    }
    .entries h2,
    .entries h3 {
      margin: 0 0 0.25rem;
      font-size: 1.125rem;
    }
    .entries p {
      margin: 0 0 0.4rem;
    }
    .entries form {
      margin: 0.9rem 0 0;
    }
    .entries > li > :last-child {
      margin-bottom: 0;
    }
    .inline {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25rem 1.5rem;
    }
    .pager {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0.5rem 1.5rem;
      margin: 0 0 1rem;
    }

    .footer {
      padding: 1.75rem 0 2rem;
      font-size: 0.9375rem;
      line-height: 1.5;
      color: #fff;
      background: var(--strong);
    }
    .footer a {
      display: inline-block;
      padding: 0.25rem 0;
      color: #fff;
    }
    .footer ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25rem 1.75rem;
      padding: 0;
      list-style: none;
    }
    .footer li {
      margin: 0;
    }
    .footer p:last-child {
      margin: 0;
    }
    .masthead :focus-visible,
    .footer :focus-visible {
      outline-color: #fff;
    }

    @media (min-width: 40rem) {
      .column {
        padding-left: 3rem;
        padding-right: 3rem;
      }
      .sheet {
        padding-top: 3.25rem;
        padding-bottom: 3.5rem;
      }
      h1 {
        font-size: 2.125rem;
      }
      .facts > div {
        display: grid;
        grid-template-columns: 11rem 1fr;
        gap: 1rem;
        align-items: baseline;
      }
      .brand {
        padding: 1.5rem 0;
      }
    }
    @media (max-width: 30rem) {
      button:not(.slim) {
        width: 100%;
      }
    }
    @media (forced-colors: active) {
      :focus-visible {
        outline-color: Highlight;
      }
    }
    @media print {
      .skip,
      .footer nav {
        display: none;
      }
    }
  </style>`
