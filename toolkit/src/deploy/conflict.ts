import { SubmilliError } from '@submilli/core';

/** Somebody else was there: trying again would not help. */
export class Conflict extends SubmilliError {}
