// Where chunks are loaded from: beside the module that Grafana loaded, wherever it serves that.
import loadedFrom from 'amd-module';

if (loadedFrom?.uri) __webpack_public_path__ = loadedFrom.uri.slice(0, loadedFrom.uri.lastIndexOf('/') + 1);
