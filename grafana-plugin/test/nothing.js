'use strict';
module.exports = () => null;
module.exports.default = module.exports;
module.exports.cacheStore = { isCached: () => false };
