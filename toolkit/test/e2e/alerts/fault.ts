import type { Severity } from '@submilli/alert-rules';
import { memberBy, type Member } from '../stack';
import type { Labels } from './ears';
import type { Lab } from './lab';

/** Who was what before anything was broken. */
export type Scene = { readonly lab: Lab; readonly leader: Member; readonly standby: Member };

export const lookAround = async (lab: Lab): Promise<Scene> => ({
  lab,
  leader: await memberBy(true),
  standby: await memberBy(false),
});

/** An alert that a fault raises, and what becomes of it. */
export type Raised = {
  readonly name: string;
  readonly severity: Severity;
  readonly labels: (scene: Scene) => Labels;
  /** People are spared it, because they are told of this one. */
  readonly inhibitedBy?: string;
};

/** Mends what was broken. */
export type Mend = () => Promise<unknown>;

/** Something that is really done to the stack. */
export type Fault = {
  /** As a sentence: "a session forgets its transaction". */
  readonly what: string;
  readonly raises: readonly Raised[];
  readonly begin: (scene: Scene) => Promise<Mend>;
};

export const CLUSTER = 'grandmodel';

type Labelled = (scene: Scene) => Labels;

export const ofCluster: Labelled = () => ({ cluster: CLUSTER });
export const ofLeader: Labelled = ({ leader }) => ({ cluster: CLUSTER, target: leader.name });
export const ofStandby: Labelled = ({ standby }) => ({ cluster: CLUSTER, target: standby.name });
export const ofDatabase: Labelled = ({ leader }) => ({ cluster: CLUSTER, target: leader.name, database: 'grandmodel' });

export const critical = (name: string, labels: Labelled): Raised => ({ name, severity: 'critical', labels });
export const warning = (name: string, labels: Labelled): Raised => ({ name, severity: 'warning', labels });
export const info = (name: string, labels: Labelled): Raised => ({ name, severity: 'info', labels });
export const sparedBy = (inhibitedBy: string, raised: Raised): Raised => ({ ...raised, inhibitedBy });
