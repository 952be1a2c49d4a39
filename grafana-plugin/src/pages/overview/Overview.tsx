import { definePage } from '../../app/page';

export const Overview = definePage({ charts: () => ({}), Content: () => <p>overview</p> });
