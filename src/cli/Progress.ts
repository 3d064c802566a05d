/** How far something long has come. */
interface Progressed {
  readonly done: number;
  /** `null` where it is unknown. */
  readonly total: number | null;
  /** The counted unit: `rows`. */
  readonly unit: string;
  readonly elapsedMs: number;
}

const BAR = 24;

/** A line for people: a bar, how much of how much, how fast, and how long it will take. */
function progressText({ done, total, unit, elapsedMs }: Progressed): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const speed = `${number(Math.round(rate))} ${unit}/s`;
  if (total === null || total <= 0) return `${number(done)} ${unit}, ${speed}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}]`;
  const left = rate === 0 ? '' : `, ${duration(Math.max(0, total - done) / rate)} left`;
  return `${bar} ${Math.floor(share * 100)} % of ${number(total)} ${unit}, ${speed}${left}`;
}

/** Where progress goes: a terminal, whose line is written over, or nowhere. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Shows progress on a terminal, a few times a second; on anything else nothing, so that logs stay short. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #unit: string;
  readonly #beganAt = performance.now();
  #shownAt = 0;
  #isShown = false;

  constructor(unit: string, terminal: Terminal = process.stderr) {
    this.#unit = unit;
    this.#terminal = terminal;
  }

  /** Units a second so far. */
  rate(done: number): number {
    return (done * 1000) / Math.max(1, performance.now() - this.#beganAt);
  }

  show(done: number, total: number | null): void {
    const now = performance.now();
    if (this.#terminal.isTTY !== true || now - this.#shownAt < 200) return;
    this.#shownAt = now;
    this.#isShown = true;
    const text = progressText({ done, total, unit: this.#unit, elapsedMs: now - this.#beganAt });
    this.#terminal.write(`\r\x1b[K${text}`);
  }

  /** Clears the line, before something else is printed. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#terminal.write('\r\x1b[K');
  }
}

function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
