import { useMemo } from 'react';
import type { Schema } from '../../../frame/client';
import { Chart } from '../../../parts/Chart';
import { Money } from '../../../parts/Money';
import { useWords } from './words';

type Graph = Schema['Graph'];

const KINDS = ['person', 'institution', 'doctor'];
const at = (id: string) => {
  const [kind = '', code = ''] = id.split(/\/(.*)/s);
  return kind === 'person' ? `/settlements?person=${encodeURIComponent(code)}` : kind === 'institution' ? `/settlements?institution=${encodeURIComponent(code)}` : undefined;
};

/** 关系图: who is seen where, and with whom at one time. */
export function Group({ graph }: { graph: Graph }) {
  const { t } = useWords();
  const option = useMemo(
    () => ({
      legend: { bottom: 0, data: KINDS.map((kind) => t(`node.${kind}`)) },
      tooltip: {},
      series: [
        {
          type: 'graph',
          layout: 'force',
          roam: true,
          force: { repulsion: 160, edgeLength: [50, 140], layoutAnimation: false },
          label: { show: graph.nodes.length <= 60, position: 'right', fontSize: 11 },
          emphasis: { focus: 'adjacency' },
          categories: KINDS.map((kind) => ({ name: t(`node.${kind}`) })),
          data: graph.nodes.map((node) => ({
            id: node.id,
            name: node.label,
            value: node.visits,
            category: KINDS.indexOf(node.kind),
            symbol: node.kind === 'institution' ? 'rect' : node.kind === 'doctor' ? 'triangle' : 'circle',
            symbolSize: Math.min(44, 12 + Math.sqrt(node.visits) * 5),
          })),
          edges: graph.edges.map((edge) => ({
            source: edge.from,
            target: edge.to,
            value: edge.times,
            lineStyle: { width: Math.min(6, 0.8 + edge.times / 2), type: edge.kind === 'together' ? 'solid' : 'dotted', ...(edge.kind === 'together' ? { color: '#c0504d' } : {}) },
          })),
        },
      ],
    }),
    [graph, t],
  );
  const people = graph.nodes.filter((node) => node.kind === 'person');
  const together = (id: string) => graph.edges.filter((edge) => edge.kind === 'together' && (edge.from === id || edge.to === id)).reduce((sum, edge) => sum + edge.times, 0);
  return (
    <Chart
      label={t('suspicion.graph')}
      option={option}
      height={420}
      to={(mark) => at((mark.data as { id?: string } | undefined)?.id ?? '')}
      table={{
        head: [t('field.person'), t('field.visit_count'), t('field.together'), t('field.fund')],
        rows: people.map((node) => [node.label, node.visits, together(node.id), <Money key="fund" fen={node.fund_amount} to={at(node.id) ?? '#'} />]),
      }}
    />
  );
}
