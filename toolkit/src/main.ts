import { forPeople } from '@submilli/core';
import { exitWith } from './exit';
import { createProgram } from './program';

createProgram()
  .parseAsync()
  .catch(async (error: unknown) => {
    console.error(`submilli: ${forPeople(error)}`);
    await exitWith(1);
  });
