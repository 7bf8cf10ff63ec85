import type { State } from './hours.ts';
import { html, type Markup } from './markup.ts';

interface Look {
  /** In the legend, and of one hour. */
  readonly label: string;
  /** What it means. */
  readonly meaning: string;
  /** What is drawn over the cell, in a box of 10 by 10: colours alone must not tell states apart. */
  readonly mark: string;
}

export const LOOKS: Readonly<Record<State, Look>> = {
  complete: { label: 'complete', meaning: 'recounted: Logs has these rows and no others', mark: '' },
  late: {
    label: 'late rows found',
    meaning: 'rows that became visible late were found, and exported',
    mark: 'M5 2.2v5.6M2.2 5h5.6',
  },
  empty: { label: 'empty', meaning: 'recounted: Logs has no rows either', mark: 'M3.2 5h3.6' },
  open: { label: 'open', meaning: 'exported, and will be recounted', mark: '' },
  settled: {
    label: 'not recounted',
    meaning: 'exported long after its end, or a table that cannot be recounted',
    mark: '',
  },
  backfill: {
    label: 'to be backfilled',
    meaning: 'in the range of a backfill, which has not come so far',
    mark: 'M3 7l4-4',
  },
  missing: { label: 'missing', meaning: 'should have been exported by now', mark: 'M5 1.6v4.2M5 7.6v.8' },
  taken: {
    label: 'taken',
    meaning: 'a reader has taken parts away, and Logs has other rows by now',
    mark: 'M2.8 2.8l4.4 4.4M7.2 2.8L2.8 7.2',
  },
  fewer: { label: 'fewer', meaning: 'Logs has lost rows since: deleted, or expired', mark: 'M2.2 5h5.6' },
  pending: { label: 'not due yet', meaning: 'not over, or within lag and schedule', mark: '' },
  before: { label: 'before the begin', meaning: 'nothing was exported yet', mark: 'M5 5h.01' },
};

/** In the order in which people meet them. */
export const ORDER = Object.keys(LOOKS) as State[];

/** One symbol for each state; every cell of every strip is a use of one. */
export function symbols(): Markup {
  const all = ORDER.map((state) => {
    const { mark } = LOOKS[state];
    const drawn = mark === '' ? html`` : html`<svg viewBox="0 0 10 10"><path class="mark" d="${mark}"/></svg>`;
    return html`<symbol id="${state}" class="${state}"><rect class="cell" width="100%" height="100%" rx="2"/>${
      state === 'settled' ? html`<rect class="half" y="50%" width="100%" height="50%" rx="2"/>` : html``
    }${drawn}</symbol>`;
  });
  return html`<svg class="symbols" aria-hidden="true" width="0" height="0">${all}</svg>`;
}

/** A cell as it is drawn, beside text that says what it means. */
export function sample(state: State): Markup {
  return html`<svg class="sample" width="14" height="14" aria-hidden="true">
<use href="#${state}" width="14" height="14"/></svg>`;
}

export function legend(): Markup {
  const items = ORDER.map((state) => {
    const { label, meaning } = LOOKS[state];
    return html`<div><dt>${sample(state)} ${label}</dt><dd>${meaning}</dd></div>`;
  });
  return html`<section class="reading" aria-labelledby="reading"><h2 id="reading">How to read the cells</h2>
<dl class="legend">${items}</dl></section>`;
}
