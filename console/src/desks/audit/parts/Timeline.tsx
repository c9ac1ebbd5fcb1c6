import { useMemo } from 'react';
import type { Schema } from '../../../frame/client';
import { Chart } from '../../../parts/Chart';
import { moment, settlementAt, useWords } from './words';

type Visit = Schema['VisitInQuestion'];

const DAY = 86_400_000;
/** Rows of the chart at most; the table has them all. */
const ROWS = 40;
const time = (text: string) => new Date(text.replace(' ', 'T')).getTime();

interface Api {
  value: (dimension: number) => number;
  coord: (point: [number, number]) => [number, number];
  size: (size: [number, number]) => [number, number];
}

/** 时间轴: visits as bars, one row a person and institution; stays that overlap stand above each other. */
export function Timeline({ visits, label }: { visits: Visit[]; label: string }) {
  const { t, name } = useWords();
  const rows = [...new Set(visits.map((visit) => `${visit.person} ${name(visit.institution)}`))].slice(0, ROWS);
  const option = useMemo(() => {
    const bars = visits.map((visit) => {
      const begin = time(visit.begin);
      // What is over at once is drawn a quarter of a day wide, to be seen.
      const end = Math.max(visit.end ? time(visit.end) : begin, begin + DAY / 4);
      return { row: rows.indexOf(`${visit.person} ${name(visit.institution)}`), begin, end, visit };
    });
    const shown = bars.filter((bar) => bar.row >= 0);
    return {
      grid: { left: 8, right: 16, top: 12, bottom: 28, containLabel: true },
      tooltip: {
        formatter: (mark: { dataIndex: number }) => {
          const visit = shown[mark.dataIndex]?.visit;
          return visit ? `${name(visit.institution)}\n${moment(visit.begin)} – ${visit.end ? moment(visit.end) : ''}\n${name(visit.med_type)}` : '';
        },
      },
      xAxis: { type: 'time', axisLabel: { formatter: '{MM}-{dd}', hideOverlap: true } },
      yAxis: { type: 'category', data: rows, inverse: true, axisLabel: { width: 220, overflow: 'truncate' } },
      series: [
        {
          type: 'custom',
          encode: { x: [1, 2], y: 0 },
          data: shown.map((bar) => ({ value: [bar.row, bar.begin, bar.end], itemStyle: { color: bar.visit.in_question ? '#d9822b' : '#6b7f99', opacity: 0.85 }, settlement: bar.visit.settlement })),
          renderItem: (_: unknown, api: Api & { style: () => object }) => {
            const [x, y] = api.coord([api.value(1), api.value(0)]);
            const [end] = api.coord([api.value(2), api.value(0)]);
            const height = Math.min(18, api.size([0, 1])[1] * 0.6);
            return { type: 'rect', shape: { x, y: y - height / 2, width: Math.max(end - x, 3), height, r: 2 }, style: api.style() };
          },
        },
      ],
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- names change with the language only, which makes the page anew
  }, [visits]);
  return (
    <Chart
      label={label}
      option={option}
      height={Math.max(140, 60 + rows.length * 26)}
      to={(mark) => {
        const settlement = (mark.data as { settlement?: string | null } | undefined)?.settlement;
        return settlement ? settlementAt(settlement) : undefined;
      }}
      table={{
        head: [t('field.person'), t('field.institution'), t('field.begin'), t('field.end')],
        rows: visits.map((visit) => [visit.person, name(visit.institution), moment(visit.begin), visit.end ? moment(visit.end) : '']),
      }}
    />
  );
}
