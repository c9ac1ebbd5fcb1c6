/** An amount on an axis, where exact figures have no room: 12.3万 or 123k. */
export function axisYuan(fen: number, english: boolean): string {
  const whole = fen / 100;
  const size = Math.abs(whole);
  const short = (unit: number) => String(Number((whole / unit).toFixed(1)));
  if (english) return size >= 1e6 ? `${short(1e6)}M` : size >= 1e3 ? `${short(1e3)}k` : short(1);
  return size >= 1e8 ? `${short(1e8)}\u4ebf` : size >= 1e4 ? `${short(1e4)}\u4e07` : short(1);
}
