// The half of a program that loads planql by `require`.
exports.planql = require('planql');
exports.execute = require('planql/execute');
exports.kvetch = require('planql/kvetch');
