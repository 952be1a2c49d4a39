import type { AnyExporter } from '@submilli/core';
import { databaseExporter } from '@submilli/database';

/** The exporters of the bundle, in the order of their ports. */
export const exporters: readonly AnyExporter[] = [databaseExporter];
