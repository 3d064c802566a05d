/** What must be taken away (`- `) and put in (`+ `) to make one list of lines of another, in order, with nothing between. */
export function diffLines(before: readonly string[], after: readonly string[]): string[] {
  const common = commonLengths(before, after);
  const lines: string[] = [];
  let left = 0;
  let right = 0;
  while (left < before.length || right < after.length) {
    if (left < before.length && right < after.length && before[left] === after[right]) {
      left++;
      right++;
    } else if (
      right === after.length ||
      (left < before.length && at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push(`- ${before[left++]}`);
    } else {
      lines.push(`+ ${after[right++]}`);
    }
  }
  return lines;
}

function at(common: readonly Uint32Array[], left: number, right: number): number {
  return common[left]?.[right] ?? 0;
}

/** By the lines that are left of each: the length of the longest list that both have, in order. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array[] {
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let left = before.length - 1; left >= 0; left--) {
    const row = common[left] as Uint32Array;
    for (let right = after.length - 1; right >= 0; right--) {
      const isSame = before[left] === after[right];
      row[right] = isSame
        ? at(common, left + 1, right + 1) + 1
        : Math.max(at(common, left + 1, right), at(common, left, right + 1));
    }
  }
  return common;
}
