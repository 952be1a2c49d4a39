import { setFlagsFromString } from 'node:v8';

// What V8's optimising compiler keeps of a parser as large as PostgreSQL's is some 80 MB, half of a process that runs all
// exporters; the code of its first compiler parses no slower. It has to be said before the first module is compiled.
setFlagsFromString('--liftoff-only');
