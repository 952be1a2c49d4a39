/** What a victim needs of `@submilli/core`: all of it would take most of the time of a process that lives for a moment. */
export { messageOf, SubmilliError } from '../../../exporters/core/src/errors';
