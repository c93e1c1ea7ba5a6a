import module = require('koffi');

export const koffi: typeof module;
