import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../plan/Plan.ts';
import type { PlanMeasurements } from '../plan/PlanMeasurements.ts';
import { pageOf } from './pageOf.ts';
import { scriptJson } from './pageParts.ts';
import { pageScript } from './pageScript.ts';
import { pageStyle } from './pageStyle.ts';

/**
 * A plan as a self-contained HTML page: no network, no other file. It draws layers and steps. Where they are known, it
 * shows the measurements of a run, and `places`: for each step the line of code that made it.
 */
export function printHtml(
  plan: Plan,
  measured: PlanMeasurements | null = null,
  places: readonly (string | null)[] = [],
): string {
  const page = pageOf(plan, measured, places.map(shortPlace));
  // Only the script itself runs, whatever names and values a plan holds.
  const policy = `default-src 'none'; style-src '${hashOf(pageStyle)}'; script-src '${hashOf(pageScript)}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<script type="application/json" id="page">${scriptJson(page)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** A file below the folder of the process is named from there. */
function shortPlace(place: string | null): string | null {
  const path = place?.startsWith('file:') === true ? fileURLToPath(place) : place;
  return path?.startsWith(`${process.cwd()}${sep}`) === true ? relative(process.cwd(), path) : path;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
