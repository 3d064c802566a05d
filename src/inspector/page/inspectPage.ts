import { scriptJson } from '../../explain/pageParts.ts';
import { inspectScript } from './inspectScript.ts';
import { inspectStyle } from './inspectStyle.ts';

/** The facts that the page gets beside the records that it fetches. */
export interface PageFacts {
  readonly path: string;
  /** Null: nothing can be run again. */
  readonly token: string | null;
  readonly showsVariables: boolean;
}

/** The page: it fetches its records as JSON, and puts them in as text. Nothing but its script and style runs, by the nonce. */
export function inspectPage(facts: PageFacts, nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>planql inspector</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${inspectStyle}</style>
</head>
<body>
<script type="application/json" id="facts" nonce="${nonce}">${scriptJson(facts)}</script>
<script nonce="${nonce}">${inspectScript}</script>
</body>
</html>
`;
}
