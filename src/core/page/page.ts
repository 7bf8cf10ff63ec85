import type { ExportStatus } from '../status.ts';
import { DAY_MS, dayOf } from '../window.ts';
import { hoursOf, STATES } from './hours.ts';
import { html, NOTHING } from './markup.ts';
import { overview, verdict } from './overview.ts';
import { type Shown, section } from './section.ts';
import { legend, symbols } from './states.ts';
import { STYLE } from './style.ts';
import { fullTimeText } from './words.ts';
import { wrongOf } from './wrong.ts';

/** Days that are shown hour by hour, today included, and how many days before, in rows of 24. */
const RECENT_DAYS = 14;
const EARLIER_DAYS = 72;
/** How many days of verdicts the page shows. */
export const PAGE_DAYS = RECENT_DAYS + EARLIER_DAYS;

/** One HTML page that needs nothing else: no script, no request. What is wrong comes first. */
export function formatPage(statuses: readonly ExportStatus[], nowMs: number): string {
  const shown = statuses.map((status) => show(status, nowMs)).sort((a, b) => worstOf(a) - worstOf(b));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>MonitorLift, ${fullTimeText(nowMs)}</title>
${{ markup: `<style>${STYLE}</style>` }}
</head>
<body>
${symbols()}
<header>
<p class="brand">MonitorLift <span>as of ${fullTimeText(nowMs)}; all times are UTC</span></p>
${verdict(shown)}
</header>
<main>
${overview(shown)}
${shown.length === 0 ? NOTHING : legend()}
${shown.map((each) => section(each, nowMs))}
</main>
</body>
</html>
`;
  return page.markup;
}

function show(status: ExportStatus, nowMs: number): Shown {
  const endMs = (dayOf(nowMs) + 1) * DAY_MS;
  const recentMs = endMs - RECENT_DAYS * DAY_MS;
  const recent = hoursOf(status, recentMs, endMs);
  const earlier = hoursOf(status, recentMs - EARLIER_DAYS * DAY_MS, recentMs);
  return { status, recent, earlier, wrong: wrongOf(status, [...earlier, ...recent]) };
}

/** In the order of the states; those without fault keep their order at the end. */
function worstOf({ wrong }: Shown): number {
  return Math.min(STATES.length, ...wrong.map(({ state }) => STATES.indexOf(state)));
}
