import { BarChart, CustomChart, GraphChart, HeatmapChart, LineChart, PieChart, ScatterChart, TreemapChart } from 'echarts/charts';
import {
  DataZoomComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useShade } from '../frame/theme';
import type { ChartMark, ChartOption } from './Chart';

echarts.use([
  BarChart,
  CustomChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  PieChart,
  ScatterChart,
  TreemapChart,
  DataZoomComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
]);

/** Ours first; then colours that stay apart for eyes that see red and green alike. */
const COLORS = {
  light: ['#1f5fa8', '#d9822b', '#2a9d8f', '#8e5ea2', '#c0504d', '#6b7f99', '#b8a13a', '#4aa3d0'],
  dark: ['#5b9be0', '#e6a157', '#56c2b4', '#b48ac6', '#df7d7a', '#93a5bd', '#d3be62', '#7cc4ea'],
};

interface EChartProps {
  option: ChartOption;
  label: string;
  height: number;
  onOpen?: ((mark: ChartMark) => void) | undefined;
}

/** ECharts itself; comes only with the first chart of a visit. */
export default function EChart({ option, label, height, onOpen }: EChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts>(null);
  const open = useRef(onOpen);
  const { shade } = useShade();
  useEffect(() => {
    open.current = onOpen;
  }, [onOpen]);

  useEffect(() => {
    if (!place.current) return;
    const made = echarts.init(place.current, shade === 'dark' ? 'dark' : undefined);
    chart.current = made;
    made.on('click', (event) => open.current?.({ name: event.name, series: event.seriesName ?? '', data: event.data, index: event.dataIndex }));
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(place.current);
    return () => {
      watch.disconnect();
      made.dispose();
    };
  }, [shade]);

  useEffect(() => {
    chart.current?.setOption(
      {
        backgroundColor: 'transparent',
        color: COLORS[shade],
        animationDuration: 200,
        ...option,
        // Drawn, not HTML: the page allows no style that it did not make itself.
        tooltip: { renderMode: 'richText', confine: true, ...option.tooltip },
      },
      true,
    );
  }, [option, shade]);

  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
