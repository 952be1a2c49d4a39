import { t, Trans } from '@grafana/i18n';
import { LinkButton, Stack } from '@grafana/ui';
import { useParams } from 'react-router-dom';
import { useLinks } from '../../app/links';
import { definePage } from '../../app/page';
import { AdviceActions } from '../../components/advice/AdviceActions';
import { RecommendationDetail } from '../../components/advice/RecommendationDetail';
import { Empty, isAnyTrouble, Loading, Troubles } from '../../components/states';
import { useAdvice } from './use-advice';

const Content = () => {
  const { exporter = '', id = '' } = useParams();
  const link = useLinks();
  const { answers, now, earlier, loading } = useAdvice();
  const own = answers.filter((one) => one.exporter === exporter);
  const found = [...now, ...earlier].find((one) => one.exporter === exporter && one.id === id);
  return (
    <Stack direction="column" gap={2}>
      <div>
        <LinkButton variant="secondary" fill="text" icon="arrow-left" href={link('advice')}>
          <Trans i18nKey="advice.back">All advice</Trans>
        </LinkButton>
      </div>
      <Troubles answers={own} />
      {found === undefined && loading ? <Loading lines={8} /> : null}
      {found === undefined && !loading && !isAnyTrouble(own) ? (
        <Empty title={t('advice.gone', 'There is no such advice')}>
          <Trans i18nKey="advice.gone-hint">
            It may be so old that it was forgotten, or its target is no longer watched.
          </Trans>
        </Empty>
      ) : null}
      {found === undefined ? null : <RecommendationDetail advice={found} actions={<AdviceActions advice={found} />} />}
    </Stack>
  );
};

export const AdviceDetailPage = definePage({ charts: () => ({}), Content });
