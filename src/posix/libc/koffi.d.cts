import koffi = require('koffi');

export = koffi;
