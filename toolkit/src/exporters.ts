import type { AnyExporter } from '@submilli/core';
import { databaseExporter } from '@submilli/database';
import { haExporter } from '@submilli/ha';
import { poolExporter } from '@submilli/pool';
import { queryExporter } from '@submilli/query';

/** The exporters of the bundle, in the order of their ports. */
export const exporters: readonly AnyExporter[] = [databaseExporter, poolExporter, queryExporter, haExporter];
