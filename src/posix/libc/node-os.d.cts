import os = require('node:os');

export function nodeOs(): typeof os;
