import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { type SceneGridLayout, type SceneObject, SceneObjectBase, type SceneObjectState } from '@grafana/scenes';
import { useStyles2 } from '@grafana/ui';

type State = SceneObjectState & {
  /** What is looked at. */
  readonly controls: SceneObject[];
  /** Which time, and how often anew: they stand with the title. */
  readonly pickers: SceneObject[];
  readonly body: SceneGridLayout;
};

/** Variables and annotations above, panels below. */
export class DashboardScene extends SceneObjectBase<State> {
  static Component = ({ model }: { readonly model: DashboardScene }) => {
    const styles = useStyles2(stylesOf);
    const { controls, body } = model.useState();
    return (
      <>
        <div className={styles.controls}>
          {controls.map((control) => (
            <control.Component key={control.state.key} model={control} />
          ))}
        </div>
        <body.Component model={body} />
      </>
    );
  };
}

const stylesOf = (theme: GrafanaTheme2) => ({
  controls: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 2), marginBottom: theme.spacing(1) }),
});
