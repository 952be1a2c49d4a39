import { css } from '@emotion/css';
import { ControlsLabel, type SceneDataLayerProvider } from '@grafana/scenes';

type Props = { readonly layers: readonly SceneDataLayerProvider[] };

/** A switch for each kind of annotation, by its name. */
export const LayerSwitches = ({ layers }: Props) =>
  layers
    .filter(({ state }) => state.isHidden !== true)
    .map((layer) => (
      <div key={layer.state.key} className={switchWithLabel}>
        <ControlsLabel htmlFor={`data-layer-${layer.state.key}`} label={layer.state.name} />
        <layer.Component model={layer} />
      </div>
    ));

const switchWithLabel = css({ display: 'flex' });
