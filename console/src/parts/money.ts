const grouping = new Intl.NumberFormat('en-US', { useGrouping: true, maximumFractionDigits: 0 });

/** 分 as 元: `1234567` → `12,345.67`; a minus sign that reads as one. */
export function yuan(fen: number): string {
  const size = Math.abs(fen);
  const cents = String(size % 100).padStart(2, '0');
  return `${fen < 0 ? '−' : ''}${grouping.format(Math.trunc(size / 100))}.${cents}`;
}

/** 元 as somebody types it → 分; null when it is no amount. */
export function fen(text: string): number | null {
  const found = /^\s*(-?)(\d{1,13})(?:\.(\d{1,2}))?\s*$/.exec(text.replaceAll(',', ''));
  if (!found) return null;
  const [, sign, whole, part = ''] = found;
  const size = Number(whole) * 100 + Number(part.padEnd(2, '0'));
  return sign && size ? -size : size;
}

/** A ratio as a percentage: `0.8534` → `85.34%`. */
export function percent(ratio: number, digits = 1): string {
  return `${(ratio * 100).toFixed(digits)}%`;
}

/** A count with thousands separators. */
export function count(number: number): string {
  return grouping.format(number);
}
